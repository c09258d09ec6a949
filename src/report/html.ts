/** HTML as tagged templates: whatever is put in is escaped, unless it is itself such a template. */
import { visible } from '../text/visible.js';

export class Html {
  constructor(readonly text: string) {}
}

type HtmlContent = Html | string | number | undefined | false | readonly HtmlContent[];

export function html(strings: TemplateStringsArray, ...contents: HtmlContent[]): Html {
  return new Html(strings.map((part, i) => part + (i < contents.length ? write(contents[i]) : '')).join(''));
}

/** Markup made elsewhere by a serializer, such as an SVG element. */
export function markup(text: string): Html {
  return new Html(text);
}

function write(content: HtmlContent): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(write).join('');
  return visible(String(content)).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
