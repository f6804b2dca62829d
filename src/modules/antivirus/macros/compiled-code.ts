import { instructionsOf } from './compiled-instructions.ts'
import { namesOfProject } from './compiled-names.ts'

// Where things stand in a compiled module since Office 2000. No specification says so: V. Bontchev found it out.
const linesPointer = 0x19
const beforeLines = 0x3c
const lineMark = 0xcafe
const lineOctets = 12
const behindLines = 10
/** Since Office 2010. */
const vba7 = 0x97
/** Since Office 2000. No program of today runs older code without compiling it anew. */
const vba6 = 0x6b

/** What the compiled code of a project's modules calls things. */
export interface CompiledProject {
  readonly version: number
  readonly is64bit: boolean
  readonly names: readonly string[]
}

/** `octets` are those of `_VBA_PROJECT`. */
export function compiledProject(octets: Buffer, is64bit: boolean): CompiledProject {
  const version = octets.length < 4 ? 0 : octets.readUInt16LE(2)
  return { version, is64bit, names: version < vba6 ? [] : namesOfProject(octets) }
}

/** What a module's compiled code says that stands in its source, too, if it is the same code: names, and texts in their quotes. */
export function compiledWords(module: Buffer, project: CompiledProject): readonly string[] {
  if (project.version < vba6) return []
  const found = new Set<string>()
  for (const line of linesOf(module)) {
    for (const said of instructionsOf(line, project.is64bit)) {
      const word = said.kind === 'text' ? quoted(said.octets) : nameOf(said.code, project)
      if (word !== undefined) found.add(word)
    }
  }
  return [...found]
}

const quoted = (octets: Buffer): string => `"${octets.toString('latin1').replaceAll('"', '""')}"`

function* linesOf(module: Buffer): Generator<Buffer> {
  if (module.length < linesPointer + 4) return
  const table = module.readUInt32LE(linesPointer) + beforeLines
  if (table + 6 > module.length || module.readUInt16LE(table) !== lineMark) return
  const first = table + 6
  const end = first + module.readUInt16LE(table + 4) * lineOctets
  // Lines that lie over each other are a game.
  let left = module.length
  for (let at = first; at < end && at + lineOctets <= module.length && left > 0; at += lineOctets) {
    const start = end + behindLines + module.readUInt32LE(at + 8)
    const line = module.subarray(start, start + module.readUInt16LE(at + 4))
    left -= line.length
    yield line
  }
}

/** Undefined for words of the language, which have no place among the project's names. */
function nameOf(code: number, { version, is64bit, names }: CompiledProject): string | undefined {
  const number = (code >> 1) - 0x100
  if (version < vba7 || number < 0) return names[number]
  const place = number - 4 - (is64bit ? 3 : 0)
  return names[place > 0xbe ? place - 1 : place]
}
