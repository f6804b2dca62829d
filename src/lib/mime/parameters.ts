export interface ParameterValue {
  /** What stands before the first semicolon, trimmed, case kept. */
  readonly value: string
  /** Names in lower case, values decoded (RFC 2231, and RFC 2047 where people put it wrongly). */
  readonly parameters: ReadonlyMap<string, string>
}

/** `Content-Type`, `Content-Disposition` and their like. */
export function parseParameters(text: string): ParameterValue {
  throw new Error(`being written ${text}`)
}
