/** What the host answers to each kind of ask. What needs the editor itself is `EditorActions`, so that everything else is tested without one. */
import type { RunIndex } from '../../store/run-index';
import type { AskOf, Answers, Ask, AskKind, ExportAsk, PanelCommand, Reply } from '../../../webview/protocol';
import type { Wish } from '../../store/control';
import { brownianChoices, brownianPicture } from './brownian-provider';
import { compareRuns } from './comparison-provider';
import { panelError } from './error-reply';
import { flowChoices, flowOf } from './flow-provider';
import { LossProvider } from './loss-provider';
import { PictureFiles } from './picture-files';
import { pictureGrid, pictureSets } from './picture-sets';

export interface EditorActions {
  /** Asks where to and writes. @returns the file; null when none was chosen. */
  save(ask: ExportAsk): Promise<string | null>;
  reveal(run: string): Promise<void>;
  control(run: string, wish: Wish): Promise<void>;
  command(command: PanelCommand, run: string | null): Promise<void>;
}

type Answerer = { readonly [K in AskKind]: (ask: AskOf<K>) => Promise<Answers[K]> | Answers[K] };

export class PanelAnswers {
  private readonly files = new PictureFiles();
  private losses: { readonly runsDir: string; readonly provider: LossProvider } | undefined;
  private readonly answerer: Answerer;

  constructor(private readonly runs: RunIndex, editor: EditorActions, private readonly onBug: (error: unknown) => void) {
    this.answerer = {
      series: async (ask) => ({ series: await this.lossProvider().series(ask) }),
      catalogue: async ({ runs: chosen }) => ({
        pictures: pictureSets(runs, chosen),
        flows: await flowChoices(runs, chosen),
        brownian: await brownianChoices(runs, this.files, chosen),
      }),
      grid: (ask) => pictureGrid(runs, this.files, ask),
      comparison: ({ runs: chosen }) => compareRuns(runs, chosen),
      flow: ({ flow }) => flowOf(runs, flow),
      brownian: (ask) => brownianPicture(runs, ask),
      export: async (ask) => ({ file: await editor.save(ask) }),
      'open-run': ({ run }) => editor.reveal(run).then(() => null),
      control: ({ run, wish }) => editor.control(run, wish).then(() => null),
      command: ({ command, run }) => editor.command(command, run).then(() => null),
    };
  }

  /** Never rejects: what goes wrong is an answer, too. */
  async reply(id: number, ask: Ask): Promise<Reply> {
    try {
      return { type: 'reply', id, ok: true, answer: await this.answer(ask) };
    } catch (error) {
      const told = panelError(error, ask);
      if (told.code === 'INTERNAL') this.onBug(error);
      return { type: 'reply', id, ok: false, error: told };
    }
  }

  private answer<K extends AskKind>(ask: AskOf<K>): Promise<Answers[K]> | Answers[K] {
    return this.answerer[ask.kind](ask);
  }

  /** The runs folder can change with the settings. */
  private lossProvider(): LossProvider {
    const { runsDir } = this.runs;
    if (this.losses?.runsDir !== runsDir) this.losses = { runsDir, provider: new LossProvider(runsDir) };
    return this.losses.provider;
  }
}
