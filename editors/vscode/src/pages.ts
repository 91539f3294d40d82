// Pages for the webview: what commands answer, as HTML that runs no scripts and loads nothing.

const POLICY =
  `<meta http-equiv="Content-Security-Policy" ` +
  `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`;

/** Text as HTML shows it. */
export function escaped(text: string): string {
  const names: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (c) => names[c]);
}

/** A whole page with our policy before all else in its head. */
export function withPolicy(html: string): string {
  const head = /<head[^>]*>/i.exec(html);
  if (head === null) {
    return page("", html);
  }
  const end = head.index + head[0].length;
  return html.slice(0, end) + POLICY + html.slice(end);
}

/** Text in a fixed-width font. */
export function textPage(title: string, text: string): string {
  return page(title, `<pre>${escaped(text)}</pre>`);
}

/** An SVG picture. It is embedded as data, so that nothing in it is run. */
export function picturePage(title: string, svg: string): string {
  const data = Buffer.from(svg, "utf8").toString("base64");
  return page(title, `<img alt="${escaped(title)}" src="data:image/svg+xml;base64,${data}">`);
}

function page(title: string, body: string): string {
  const style = "body{padding:1em}pre{font-family:var(--vscode-editor-font-family,monospace)}";
  return (
    `<!doctype html><html lang="en"><head>${POLICY}<meta charset="utf-8">` +
    `<title>${escaped(title)}</title><style>${style}</style></head><body>${body}</body></html>`
  );
}
