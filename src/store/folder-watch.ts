/** Tells what happens in a folder of folders, whether it is there yet or not. The system's messages only make the answer quicker: whoever needs it sure, polls. */
import * as fs from 'node:fs';
import * as path from 'node:path';

interface Place {
  readonly dir: string;
  readonly inode: number | undefined;
}

export class FolderWatch {
  private watcher: fs.FSWatcher | undefined;
  private at: Place | undefined;

  /** @param onName told the name of an entry in which, or to which, something happened; undefined: anywhere, or the folder has only now come */
  constructor(private readonly dir: string, private readonly onName: (name: string | undefined) => void) {
    this.check();
  }

  /** Begins to watch a folder that has come, or has been replaced by another; until it comes, the nearest one above it that is there. */
  check(): void {
    const begun = this.at !== undefined;
    for (let place = nearest(this.dir); place.dir !== this.at?.dir || place.inode !== this.at.inode; place = nearest(this.dir)) {
      this.close();
      this.at = place;
      this.watch(place);
      // What was made in it before the watching began.
      if (begun && place.dir === this.dir) this.onName(undefined);
    }
  }

  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
    this.at = undefined;
  }

  private watch({ dir }: Place): void {
    const itself = dir === this.dir;
    try {
      // Linux has no cheap way to watch a whole tree: there, changes within entries are for the one who asks to find.
      const recursive = itself && (process.platform === 'darwin' || process.platform === 'win32');
      this.watcher = fs.watch(dir, { persistent: false, recursive }, (_, file) => {
        if (itself) this.onName(file?.split(/[/\\]/)[0]);
        else this.check();
      });
      this.watcher.on('error', () => { this.close(); });
    } catch {
      // no watches left, or a file system without them: polling does
    }
  }
}

function inodeOf(dir: string): number | undefined {
  try {
    return fs.statSync(dir).ino;
  } catch {
    // not there, or not ours to look into
    return undefined;
  }
}

function nearest(wanted: string): Place {
  for (let dir = wanted; ; dir = path.dirname(dir)) {
    const inode = inodeOf(dir);
    if (inode !== undefined || path.dirname(dir) === dir) return { dir, inode };
  }
}
