/** What was sent, by name. Empty ones are left away, and none stands there twice: RFC 6749 §3.1. */
export type Parameters = Readonly<Record<string, string | undefined>>

/** Undefined where one of `once` is there twice. */
export function parametersOf(sent: URLSearchParams): Parameters | undefined {
  const names = [...sent.keys()]
  if (new Set(names).size !== names.length) return undefined
  return Object.fromEntries([...sent].filter(([, value]) => value !== ''))
}
