/** BODY of a BODYSTRUCTURE: the same without extension data (RFC 9051 §7.5.2). */
export function withoutExtensions(bodyStructure: string): string {
  throw new Error(`being written ${bodyStructure}`)
}
