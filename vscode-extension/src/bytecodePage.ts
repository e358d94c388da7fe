/** The page of a file with bytecode that has no text yet: a sentence and links; must not know VS Code, and runs nothing. */

export interface Link {
  readonly title: string;
  readonly uri: string;
}

const SIGNS: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function page(sentence: string, links: readonly Link[]): string {
  const ways = links.map(({ title, uri }) => `<a href="${escaped(uri)}">${escaped(title)}</a>`).join("\n");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body { padding: 3em; text-align: center } a { margin: 0 1em }</style>
</head>
<body>
<p>${escaped(sentence)}</p>
<p>${ways}</p>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => SIGNS[sign] ?? sign);
}
