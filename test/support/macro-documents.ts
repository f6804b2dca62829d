import { compoundFileOf, type Storage } from './compound-file.ts'
import { zipOf } from './documents.ts'

/** What a module says, and what its compiled code says where that is another thing. */
export interface Module {
  readonly name: string
  readonly source: string
  readonly compiled?: CompiledCode
}

/** One call of a procedure with texts: `Shell "calc.exe"`. */
interface CompiledCode {
  readonly calls: readonly { readonly name: string; readonly texts: readonly string[] }[]
}

/** Packed as [MS-OVBA] 2.4.1 has it, without looking for anything to pack. */
export function compressVba(content: string | Buffer): Buffer {
  const octets = Buffer.from(content)
  const chunks: Buffer[] = [Buffer.from([1])]
  for (let at = 0; at < octets.length; at += 3600) {
    const piece = octets.subarray(at, at + 3600)
    const tokens: Buffer[] = []
    for (let from = 0; from < piece.length; from += 8)
      tokens.push(Buffer.from([0]), piece.subarray(from, from + 8))
    const packed = Buffer.concat(tokens)
    const header = Buffer.alloc(2)
    header.writeUInt16LE(0xb000 | (packed.length - 1))
    chunks.push(header, packed)
  }
  return Buffer.concat(chunks)
}

/** The storage of a VBA project. */
export function vbaStorage(...modules: readonly Module[]): Storage {
  const names = [...new Set(modules.flatMap(({ compiled }) => compiled?.calls.map(({ name }) => name) ?? []))]
  const streams = modules.map(({ name, source, compiled }) => {
    const cache = compiled ? compiledModule(compiled, names) : Buffer.alloc(16)
    const text = `Attribute VB_Name = "${name}"\r\n${source.replace(/\r?\n/g, '\r\n')}\r\n`
    return { name, offset: cache.length, octets: Buffer.concat([cache, compressVba(text)]) }
  })
  return {
    VBA: {
      dir: compressVba(directoryOf(streams)),
      _VBA_PROJECT: projectOf(names),
      ...Object.fromEntries(streams.map(({ name, octets }) => [name, octets])),
    },
    PROJECT: Buffer.from(modules.map(({ name }) => `Module=${name}\r\n`).join('')),
  }
}

export const docWith = (...modules: readonly Module[]): Buffer =>
  compoundFileOf({ WordDocument: Buffer.alloc(5000), Macros: vbaStorage(...modules) })

export const docmWith = (...modules: readonly Module[]): Buffer =>
  zipOf({
    '[Content_Types].xml': '<Types/>',
    'word/document.xml': '<w:document/>',
    'word/vbaProject.bin': compoundFileOf(vbaStorage(...modules)),
  })

const record = (id: number, content: Buffer): Buffer => {
  const head = Buffer.alloc(6)
  head.writeUInt16LE(id)
  head.writeUInt32LE(content.length, 2)
  return Buffer.concat([head, content])
}

const word = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8])

function double(value: number): Buffer {
  const octets = Buffer.alloc(4)
  octets.writeUInt32LE(value)
  return octets
}

/** [MS-OVBA] 2.3.4.2, as much of it as says where the modules are. */
function directoryOf(modules: readonly { name: string; offset: number }[]): Buffer {
  const text = (id: number, unicode: number, value: string) => [
    record(id, Buffer.from(value, 'latin1')),
    record(unicode, Buffer.from(value, 'utf16le')),
  ]
  return Buffer.concat([
    record(0x01, double(1)),
    record(0x02, double(0x409)),
    record(0x14, double(0x409)),
    record(0x03, word(1252)),
    record(0x04, Buffer.from('Project')),
    ...text(0x05, 0x40, ''),
    ...text(0x06, 0x3d, ''),
    record(0x07, double(0)),
    record(0x08, double(0)),
    // It says 4 and is 6.
    Buffer.concat([word(0x09), double(4), double(1), word(1)]),
    ...text(0x0c, 0x3c, ''),
    record(0x0f, word(modules.length)),
    record(0x13, word(0xffff)),
    ...modules.flatMap(({ name, offset }) => [
      ...text(0x19, 0x47, name),
      ...text(0x1a, 0x32, name),
      ...text(0x1c, 0x48, ''),
      record(0x31, double(offset)),
      record(0x1e, double(0)),
      record(0x2c, word(0xffff)),
      record(0x21, Buffer.alloc(0)),
      record(0x2b, Buffer.alloc(0)),
    ]),
    record(0x10, Buffer.alloc(0)),
  ])
}

/** Office 2016 on 32 bits. */
const version = 0xb2

/** `_VBA_PROJECT` with these names and nothing else. */
function projectOf(names: readonly string[]): Buffer {
  const head = Buffer.alloc(0x1e)
  head.writeUInt16LE(0x61cc)
  head.writeUInt16LE(version, 2)
  return Buffer.concat([
    head,
    // No other libraries, no forms, no values, no texts.
    Buffer.alloc(2 + 2 + 2 + 2 + 2),
    Buffer.alloc(3 * 2, 0xff),
    Buffer.alloc(0x64),
    // No modules.
    Buffer.alloc(2 + 6 + 4 + 6),
    word(names.length),
    word(0),
    word(0),
    Buffer.alloc(4),
    ...names.flatMap((name) => [Buffer.from([name.length, 0]), Buffer.from(name, 'latin1'), Buffer.alloc(4)]),
  ])
}

const litString = 0xb9 - 3
const argsCall = 0x41

/** A module's compiled code: a line for each call. */
function compiledModule({ calls }: CompiledCode, names: readonly string[]): Buffer {
  const lines = calls.map(({ name, texts }) =>
    Buffer.concat([
      ...texts.map((text) =>
        Buffer.concat([
          word(litString),
          word(text.length),
          Buffer.from(text, 'latin1'),
          Buffer.alloc(text.length % 2),
        ]),
      ),
      word(argsCall | (16 << 10)),
      word((0x100 + names.indexOf(name) + 4) << 1),
      word(texts.length),
    ]),
  )
  const table = lines.map((line, index) => {
    const before = lines.slice(0, index).reduce((sum, { length }) => sum + length, 0)
    return Buffer.concat([Buffer.alloc(4), word(line.length), word(0), double(before)])
  })
  const tables = 0x200
  const head = Buffer.alloc(tables + 0x3c)
  head[0] = 1
  head[1] = 0x16
  head[2] = 1
  head.writeUInt32LE(tables, 0x19)
  return Buffer.concat([
    head,
    word(0xcafe),
    word(0),
    word(lines.length),
    ...table,
    Buffer.alloc(10),
    ...lines,
  ])
}

/** The source tells of nothing; the compiled code runs a program. */
export const stompedDoc = (): Buffer =>
  docWith({
    name: 'ThisDocument',
    source: 'Sub Greeting()\n  x = 1 + 1\nEnd Sub',
    compiled: { calls: [{ name: 'WinHttpStart', texts: ['calc.exe'] }] },
  })

/** As Mailu's own test has it: begins by itself, and shows a window. */
export const alertingSylk = (): string =>
  [
    'ID;P',
    'O;E',
    'NN;NAuto_open;ER101C1;KOut Flank;F',
    'C;X1;Y101;EALERT("Hello")',
    'C;X1;Y102;K0;EHALT()',
    'E',
    '',
  ].join('\r\n')
