import * as vscode from 'vscode';
import type { DocumentState } from './document-state';
import type { StudentSection } from './experiment-text';
import { evaluationHover, studentHover, teacherHover, type Hover } from './hover-text';
import { nodeAt, propertyAt, type JsonPath, type JsonText, type Span } from './json-text';
import { rangeOf } from './range';

/** Tells of the run behind a section: on the keys `teacher` and `evaluation`, and on a student but for the sections within it. */
export class HoverProvider implements vscode.HoverProvider {
  constructor(private readonly state: DocumentState) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const offset = document.offsetAt(position);
    const file = this.state.text(document);
    const situation = { figures: this.state.figures, now: Date.now() };
    const show = (span: Span, hover: Hover | undefined): vscode.Hover | undefined =>
      hover && new vscode.Hover(markdownOf(hover), rangeOf(span, document));

    for (const [key, hoverOf] of [['teacher', teacherHover], ['evaluation', evaluationHover]] as const) {
      const span = keySpan(file.json, [key]);
      if (span === undefined || !contains(span, offset)) continue;
      const matched = this.state.matches(document)[key];
      return matched && show(span, hoverOf(matched, situation));
    }
    const section = file.students.find(({ span }) => contains(span, offset));
    if (section === undefined || isWithinPart(file.json, section, offset)) return undefined;
    return show(lineSpan(document, position), studentHover(this.state.matches(document).students[section.index] ?? [], situation));
  }
}

/** A hover is 250 pixels tall. */
const PICTURE_HEIGHT = 160;

function markdownOf({ markdown, picture }: Hover): vscode.MarkdownString {
  const text = new vscode.MarkdownString(picture === undefined ? markdown : `${markdown}\n\n![newest samples](${vscode.Uri.file(picture).toString()}|height=${PICTURE_HEIGHT})`);
  // Commands, HTML and icons stay text, whatever a run is called.
  text.isTrusted = false;
  text.supportHtml = false;
  text.supportThemeIcons = false;
  return text;
}

/** Whether it is within a section of the student that has hovers of its own, such as `training`. */
function isWithinPart(json: JsonText, section: StudentSection, offset: number): boolean {
  const properties = nodeAt(json, ['students', section.index])?.children ?? [];
  return properties.some(({ children }) => {
    const [key, value] = children ?? [];
    return value?.type === 'object' && key?.value !== 'sweep' && contains({ start: value.offset, end: value.offset + value.length }, offset);
  });
}

function keySpan(json: JsonText, path: JsonPath): Span | undefined {
  const key = propertyAt(json, path)?.children?.[0];
  return key && { start: key.offset, end: key.offset + key.length };
}

function lineSpan(document: vscode.TextDocument, position: vscode.Position): Span {
  const word = document.getWordRangeAtPosition(position) ?? new vscode.Range(position, position);
  return { start: document.offsetAt(word.start), end: document.offsetAt(word.end) };
}

const contains = ({ start, end }: Span, offset: number): boolean => start <= offset && offset < end;
