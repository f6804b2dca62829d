/** How the operands of an instruction lie behind it: words, of which the first may be a name, then perhaps a text with its length. */
interface Operands {
  readonly words: number
  readonly isNamed: boolean
  readonly hasText: boolean
}

// The instructions of VBA 7 on 64 bits by their operands; all others have none. No specification says so: V. Bontchev found it out.
const named = [
  31, 32, 33, 34, 39, 40, 41, 46, 47, 48, 53, 54, 57, 58, 61, 62, 73, 74, 153, 154, 163, 168, 204, 212, 232,
  251, 261,
]
const namedAndWord = [
  36, 37, 38, 43, 44, 45, 50, 51, 52, 55, 56, 59, 60, 63, 64, 65, 66, 67, 68, 117, 118, 119,
]
const namedAndThreeWords = [194, 195, 196, 197, 228, 229]
const word = [
  35, 42, 49, 70, 85, 86, 102, 114, 138, 145, 148, 157, 158, 165, 172, 175, 179, 201, 207, 225, 227, 235, 238,
]
const twoWords = [90, 92, 116, 150, 151, 173, 176, 180, 182, 241, 243, 245]
const fourWords = [159, 169, 170, 174, 177, 181, 183]
const texts = new Set([166, 185, 205, 206, 227, 230, 231])

const count = 264
const operands: readonly Operands[] = Array.from({ length: count }, (_, code) => {
  const rows: readonly (readonly [readonly number[], number, boolean])[] = [
    [named, 1, true],
    [namedAndWord, 2, true],
    [namedAndThreeWords, 4, true],
    [word, 1, false],
    [twoWords, 2, false],
    [fourWords, 4, false],
  ]
  const [, words, isNamed] = rows.find(([codes]) => codes.includes(code)) ?? [[], 0, false]
  return { words, isNamed, hasText: texts.has(code) }
})

const text = 185
const context = 90
const variable = 245
/** Ld, ArgsLd, St, MemSt, ArgsCall, Label: what they name stands in the source as it is. */
const comparable = new Set([32, 36, 39, 40, 65, 163])

/** What an instruction says that stands in the source, too. */
export type Said =
  | { readonly kind: 'name'; readonly code: number }
  | { readonly kind: 'text'; readonly octets: Buffer }

/** Reads one line of compiled code; ends where it is none. */
export function* instructionsOf(line: Buffer, is64bit: boolean): Generator<Said> {
  for (let at = 0; at + 2 <= line.length; ) {
    const first = line.readUInt16LE(at)
    const code = is64bit ? first & 0x3ff : on64bit(first & 0x3ff)
    const operand = operands[code]
    if (!operand) return
    const behind = at + 2 + (operand.words + extraWords(code, first, is64bit)) * 2
    if (operand.isNamed && comparable.has(code) && at + 4 <= line.length)
      yield { kind: 'name', code: line.readUInt16LE(at + 2) }
    at = behind
    if (!operand.hasText) continue
    const length = at + 2 <= line.length ? line.readUInt16LE(at) : 0
    if (code === text) yield { kind: 'text', octets: line.subarray(at + 2, at + 2 + length) }
    at += 2 + length + (length & 1)
  }
}

function extraWords(code: number, first: number, is64bit: boolean): number {
  if (code === context) return is64bit ? 2 : 0
  return code === variable && ((first >> 10) & 0x10) !== 0 ? 1 : 0
}

/** Three instructions came with 64 bits. */
function on64bit(code: number): number {
  if (code <= 173) return code
  if (code <= 175) return code + 1
  return code <= 178 ? code + 2 : code + 3
}
