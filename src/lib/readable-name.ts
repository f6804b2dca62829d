import { domainToUnicode } from 'node:url'
import { parseDomain } from './address.ts'

/** A domain name, or what stands behind the `@`, as people write it: that is how Mailu shows and exports them. */
export function readableName(text: string): string {
  const at = text.lastIndexOf('@') + 1
  const ascii = text.slice(at)
  const readable = domainToUnicode(ascii)
  return parseDomain(readable) === ascii ? text.slice(0, at) + readable : text
}

export const readableNames = (texts: readonly string[]): readonly string[] => texts.map(readableName)
