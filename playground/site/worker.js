// The compiler in a thread of its own. In: the compiled module, then questions { id, question }.
// Out: { id, answer, memory } or, where the module trapped, { id, crashed }. After a trap nothing
// in its memory is to be trusted but what the panic said: who asks ends this worker.

let exports = null;

const text = (at) => {
  const bytes = new DataView(exports.memory.buffer).getUint32(at, true);
  return new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at + 4, bytes));
};

const answer = (question) => {
  const bytes = new TextEncoder().encode(JSON.stringify(question));
  const at = exports.take(bytes.length);
  new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
  return JSON.parse(text(exports.answer(at, bytes.length) >>> 0));
};

const reason = (error) => {
  if (error instanceof RangeError) return "the program is nested too deeply for this browser";
  try {
    return text(exports.panic() >>> 0) || String(error);
  } catch {
    return String(error);
  }
};

self.onmessage = async ({ data }) => {
  if (data.module) {
    exports = (await WebAssembly.instantiate(data.module, {})).exports;
    self.postMessage({ ready: true });
    return;
  }
  try {
    const found = answer(data.question);
    self.postMessage({ id: data.id, answer: found, memory: exports.memory.buffer.byteLength });
  } catch (error) {
    self.postMessage({ id: data.id, crashed: reason(error) });
  }
};
