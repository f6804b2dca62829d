import { type CompiledProject, compiledProject, compiledWords } from './compiled-code.ts'
import type { CompoundStream } from './compound-file.ts'
import { decompressVba } from './vba-compression.ts'

/** What the macros of a document say. */
export interface VbaCode {
  /** All sources, one character per octet. */
  readonly source: string
  /** Names and texts of the compiled code. */
  readonly compiled: readonly string[]
  /** There is more source than is read. */
  readonly isCut: boolean
}

/** Of all modules together: more than anybody has written. */
const mostSource = 16 * 1024 * 1024
const mostProjects = 50
const mostModules = 2000

/** The macros of a document, by its project, and what looks like source anywhere else; undefined where there are none. */
export function readVba(streams: readonly CompoundStream[]): VbaCode | undefined {
  const code = new Code()
  const read = new Set<CompoundStream>()
  const directories = streams.filter(({ name }) => name.toLowerCase() === 'dir').slice(0, mostProjects)
  for (const directory of directories) {
    const { compiled, modules } = projectOf(directory, streams)
    read.add(directory)
    for (const { stream, offset } of modules) {
      const octets = stream.read()
      read.add(stream)
      code.addSource(octets, offset)
      code.compiled.push(...compiledWords(octets, compiled))
    }
  }
  // A project that was broken on purpose may still run.
  for (const stream of streams) if (!read.has(stream)) code.addStray(stream.read())
  return code.whole()
}

class Code {
  readonly compiled: string[] = []
  readonly #sources: string[] = []
  #left = mostSource

  addSource(octets: Buffer, offset: number): void {
    if (this.#left > 0) this.#add(decompressVba(octets, offset) ?? strayCode(octets))
  }

  addStray(octets: Buffer): void {
    if (this.#left > 0) this.#add(strayCode(octets))
  }

  whole(): VbaCode | undefined {
    if (this.#sources.length === 0 && this.compiled.length === 0) return undefined
    return { source: joinLines(this.#sources.join('\n')), compiled: this.compiled, isCut: this.#left <= 0 }
  }

  #add(source: Buffer | undefined): void {
    if (!source) return
    this.#sources.push(source.toString('latin1', 0, this.#left))
    this.#left -= source.length
  }
}

interface Project {
  readonly modules: readonly { stream: CompoundStream; offset: number }[]
  readonly compiled: CompiledProject
}

function projectOf(directory: CompoundStream, streams: readonly CompoundStream[]): Project {
  const siblings = streams.filter(({ storage }) => storage === directory.storage)
  const byName = new Map(siblings.map((stream) => [stream.name.toLowerCase(), stream]))
  const { is64bit, modules } = readDirectory(decompressVba(directory.read(), 0) ?? Buffer.alloc(0))
  return {
    compiled: compiledProject(byName.get('_vba_project')?.read() ?? Buffer.alloc(0), is64bit),
    modules: modules.slice(0, mostModules).flatMap(({ names, offset }) => {
      const [stream] = names.flatMap((name) => byName.get(name.toLowerCase()) ?? [])
      return stream ? [{ stream, offset }] : []
    }),
  }
}

/** [MS-OVBA] 2.3.4.2 */
const records = { sysKind: 0x01, version: 0x09, streamName: 0x1a, unicodeName: 0x32, offset: 0x31, end: 0x2b }
const win64 = 3

function readDirectory(octets: Buffer): { is64bit: boolean; modules: { names: string[]; offset: number }[] } {
  const modules: { names: string[]; offset: number }[] = []
  let is64bit = false
  let names: string[] = []
  let offset = 0
  for (const { id, content } of recordsOf(octets)) {
    if (id === records.sysKind && content.length >= 4) is64bit = content.readUInt32LE() === win64
    if (id === records.streamName) names = [content.toString('latin1')]
    if (id === records.unicodeName) names.push(content.toString('utf16le'))
    if (id === records.offset && content.length >= 4) offset = content.readUInt32LE()
    if (id !== records.end) continue
    if (names.length > 0) modules.push({ names, offset })
    names = []
    offset = 0
  }
  return { is64bit, modules }
}

function* recordsOf(octets: Buffer): Generator<{ id: number; content: Buffer }> {
  for (let at = 0; at + 6 <= octets.length; ) {
    const id = octets.readUInt16LE(at)
    // [MS-OVBA] 2.3.4.2.1.11: it says 4 and is 6.
    const length = id === records.version ? 6 : octets.readUInt32LE(at + 2)
    yield { id, content: octets.subarray(at + 6, at + 6 + length) }
    at += 6 + length
  }
}

/** Every module's source begins with `Attribute VB_`, whose first letters a packed text shows as they are. */
const firstWord = Buffer.from('\0Attribut', 'latin1')

function strayCode(octets: Buffer): Buffer | undefined {
  const at = octets.indexOf(firstWord)
  return at < 3 ? undefined : decompressVba(octets, at - 3)
}

/** A line that goes on in the next one. [MS-VBAL] 3.2.2 */
const joinLines = (source: string): string => source.replace(/[ \t]_[ \t]*\r?\n/g, ' ')
