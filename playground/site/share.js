// A program as a part of a link, and back: deflated, in base64 of links.

// No link holds a longer program, so that none unpacks without end.
const MOST = 200000;

const through = (bytes, stream) => new Blob([bytes]).stream().pipeThrough(stream);

export async function encoded(text) {
  const deflated = through(text, new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(deflated).arrayBuffer());
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export async function decoded(code) {
  const characters = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(characters, (character) => character.charCodeAt(0));
  const reader = through(bytes, new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    if (text.length > MOST) throw new Error("the program in the link is too long");
    if (done) return text;
  }
}
