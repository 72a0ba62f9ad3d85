/** One start tag of an XML text. */
export interface XmlTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Where the tag starts and ends in the text. */
  readonly start: number;
  readonly end: number;
}

/** Returns XML without comments and CDATA. Every line break stays, so that line numbers in errors still fit. */
export function withoutComments(xml: string): string {
  const pieces: string[] = [];
  for (let at = 0; at < xml.length; ) {
    const [open, opening, closing] = nextIgnored(xml, at);
    if (open < 0) {
      pieces.push(xml.slice(at));
      break;
    }
    const close = xml.indexOf(closing, open + opening.length);
    // An unclosed comment stays as it is, for MuJoCo to complain about.
    const end = close < 0 ? xml.length : close + closing.length;
    pieces.push(xml.slice(at, open), close < 0 ? xml.slice(open) : xml.slice(open, end).replace(/[^\n]+/g, ''));
    at = end;
  }
  return pieces.join('');
}

function nextIgnored(xml: string, from: number): readonly [at: number, opening: string, closing: string] {
  for (let at = xml.indexOf('<!', from); at >= 0; at = xml.indexOf('<!', at + 2)) {
    if (xml.startsWith('<!--', at)) return [at, '<!--', '-->'];
    if (xml.startsWith('<![CDATA[', at)) return [at, '<![CDATA[', ']]>'];
  }
  return [-1, '', ''];
}

const tagPattern = /<([A-Za-z_][\w.-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>/g;
const attributePattern = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Yields the start tags of an XML text without comments. A broken text yields what can be read of it. */
export function* tagsOf(xml: string): Generator<XmlTag> {
  for (const found of xml.matchAll(tagPattern)) {
    const attributes = new Map<string, string>();
    for (const [, name = '', double, single] of (found[2] ?? '').matchAll(attributePattern))
      attributes.set(name, decodeEntities(double ?? single ?? ''));
    yield { name: found[1] ?? '', attributes, start: found.index, end: found.index + found[0].length };
  }
}

function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);
}

/** Returns an XML start tag with attributes set, whether it had them or not. */
export function withAttributes(tag: string, attributes: Readonly<Record<string, string>>): string {
  let changed = tag;
  for (const [name, value] of Object.entries(attributes)) {
    changed = changed.replace(new RegExp(`\\s${name}\\s*=\\s*(?:"[^"]*"|'[^']*')`), '');
    changed = changed.replace(/^<[\w.-]+/, `$& ${name}="${value}"`);
  }
  return changed;
}

/** Returns a function that tells the line a place in a text is on, counted from 1, for places that go up. */
export function lineCounter(text: string): (place: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return place => {
    for (; next >= 0 && next < place; next = text.indexOf('\n', next + 1)) line++;
    return line;
  };
}
