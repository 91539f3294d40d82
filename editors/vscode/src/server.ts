// What `eclexia lsp` is asked beyond the protocol: commands, their arguments and answers.

/** What a command answers: a text, and what language it is in. */
export interface Answer {
  title: string;
  /** `svg`, `text`, `eclexia` or `eclexia-ir`. */
  language: string;
  text: string;
}

/** Whether a value is an answer; what a server says is not trusted to be. */
export function isAnswer(value: unknown): value is Answer {
  const fields = value as Answer | null;
  return (
    typeof fields === "object" &&
    fields !== null &&
    [fields.title, fields.language, fields.text].every((field) => typeof field === "string")
  );
}

/**
 * The document and the deployment that a command is about. A code lens gives the document's address
 * and the deployment's name, a menu an object with an address, the palette nothing.
 */
export function target(
  words: readonly unknown[],
  active: string | undefined,
): { uri: string | undefined; name: string | undefined } {
  const [first, second] = words;
  const given = typeof first === "string" ? first : isAddress(first) ? first.toString() : undefined;
  return { uri: given ?? active, name: typeof second === "string" ? second : undefined };
}

function isAddress(value: unknown): value is { scheme: string; toString(): string } {
  return typeof value === "object" && value !== null && "scheme" in value;
}
