/** What the command line asks for when it imports a model: the one line of its refusal names the option, and of an ONNX file all inputs and outputs. */
export const QUESTIONS = ['class', 'input-names', 'output-name', 'shape', 'layout', 'schedule', 'prediction', 'time'] as const;
export type Question = (typeof QUESTIONS)[number];

/** The option that a job's error, `CODE: message`, asks for; undefined when it says something else. */
export function questionOf(error: string): Question | undefined {
  const [, found] = new RegExp(`^BAD_USAGE: .*?--(${QUESTIONS.join('|')})(?![\\w-])`, 's').exec(error) ?? [];
  return QUESTIONS.find((question) => question === found);
}

/** A file's inputs or outputs, by the same line. */
export function namesIn(error: string, what: 'inputs' | 'outputs'): { name: string; detail: string }[] {
  const [, inputs = '', outputs = ''] = /it has the inputs (.*) and the outputs (.*)$/s.exec(error) ?? [];
  return [...(what === 'inputs' ? inputs : outputs).matchAll(/(?:^|, )(.+?) (\w+ \[[^\]]*\])/g)].map(([, name, detail]) => ({ name: name!, detail: detail! }));
}
