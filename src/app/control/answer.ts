/** What a verb comes to: for people as text or table, for machines as `json`. */
export type Answer =
  | { readonly kind: 'done'; readonly text: string; readonly json?: unknown }
  | {
      readonly kind: 'table'
      readonly columns: readonly string[]
      readonly rows: readonly Cells[]
      readonly json: unknown
    }
  /** Sections of objects, as YAML for people. */
  | { readonly kind: 'document'; readonly sections: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly text: string; readonly json?: unknown }
  /** The call itself was wrong: what it says is what was expected. */
  | { readonly kind: 'mistake'; readonly text: string }
  /** Data that was given is damaged, or of another program. */
  | { readonly kind: 'unusable'; readonly text: string }

type Cells = readonly (string | number | boolean)[]

export const done = (text: string, json?: unknown): Answer => ({ kind: 'done', text, json })
export const refused = (text: string): Answer => ({ kind: 'refused', text })
export const mistake = (text: string): Answer => ({ kind: 'mistake', text })
