/** Tells what happens in a folder of folders, whether it is there yet or not. The system's messages only make the answer quicker: whoever needs it sure, polls. */
import * as fs from 'node:fs';

export class FolderWatch {
  private watcher: fs.FSWatcher | undefined;
  private inode: number | undefined;

  /** @param onName told the name of an entry in which, or to which, something happened; undefined: anywhere */
  constructor(private readonly dir: string, private readonly onName: (name: string | undefined) => void) {
    this.check();
  }

  /** Begins to watch a folder that has come, or has been replaced by another. */
  check(): void {
    const inode = fs.statSync(this.dir, { throwIfNoEntry: false })?.ino;
    if (inode === this.inode) return;
    this.close();
    if (inode === undefined) return;
    try {
      // Linux has no cheap way to watch a whole tree: there, changes within entries are for the one who asks to find.
      this.watcher = fs.watch(this.dir, { persistent: false, recursive: process.platform === 'darwin' || process.platform === 'win32' }, (_, file) => { this.onName(file?.split(/[/\\]/)[0]); });
      this.watcher.on('error', () => { this.close(); });
      this.inode = inode;
    } catch {
      // no watches left, or a file system without them: polling does
      this.inode = inode;
    }
  }

  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
    this.inode = undefined;
  }
}
