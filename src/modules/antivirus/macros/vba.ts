import { findingsIn } from './code-words.ts'
import type { CompoundStream } from './compound-file.ts'
import { type Findings, noMacros } from './findings.ts'
import { readVba } from './vba-project.ts'

/** What the VBA of a document does. */
export function inspectVba(streams: readonly CompoundStream[]): Findings {
  const code = readVba(streams)
  if (!code) return noMacros
  const said = findingsIn([code.source, ...code.compiled].join('\n'))
  if (code.isCut) return { ...said, isHidden: true }
  return { ...said, differs: missingFrom(code.source, code.compiled) }
}

/** Words may stand in comments and longer texts; nobody has this many. */
const mostSearches = 1000

/**
 * What the compiled code says and its source does not: a text, or most of the names. Programs of the version that wrote it run the compiled code,
 * and never look at the source. A few names alone may differ in honest documents: of libraries that were renamed since.
 */
function missingFrom(source: string, compiled: readonly string[]): string | undefined {
  if (compiled.length === 0) return undefined
  const text = source.toLowerCase()
  const words = new Set([
    ...(text.match(/[a-z0-9_\x80-\xff]+/g) ?? []),
    ...(text.match(/"(?:[^"\r\n]|"")*"/g) ?? []),
  ])
  const missing = compiled
    .filter((word) => !words.has(word.toLowerCase()))
    .slice(0, mostSearches)
    .filter((word) => !text.includes(word.toLowerCase()))
  const names = compiled.filter(isName)
  const missingNames = missing.filter(isName)
  return (
    missing.find((word) => !isName(word)) ??
    (missingNames.length * 2 > names.length ? missingNames[0] : undefined)
  )
}

const isName = (word: string): boolean => !word.startsWith('"')
