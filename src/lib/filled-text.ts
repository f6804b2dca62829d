/** A sentence of ours by its key, so that it can be told in other languages. */
export interface Said {
  readonly key: string
  readonly values: TextValues
}

export type TextValues = Readonly<Record<string, string>>

/** `{{name}}` is its value, or nothing. */
export const filled = (text: string, values: TextValues): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '').trim()
