/** DES on single bits, as FIPS 46-3 numbers them from 1. Slow and short: it only ever checks passwords of the last century. */

// biome-ignore format: tables as the standard prints them
const permutedChoice1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
  63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
]
// biome-ignore format: as above
const permutedChoice2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
  41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
]
const shifts = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
// biome-ignore format: as above
const initial = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
  57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
]
// biome-ignore format: as above
const permutation = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
]
// biome-ignore format: as above
const boxes = [
  [14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7, 0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8,
    4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0, 15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13],
  [15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10, 3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5,
    0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15, 13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9],
  [10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8, 13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1,
    13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7, 1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12],
  [7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15, 13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9,
    10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4, 3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14],
  [2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9, 14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6,
    4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14, 11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3],
  [12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11, 10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8,
    9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6, 4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13],
  [4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1, 13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6,
    1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2, 6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12],
  [13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7, 1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2,
    7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8, 2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11],
]

const at0 = (places: readonly number[]) => places.map((place) => place - 1)
const [choice1, choice2, first, spread] = [permutedChoice1, permutedChoice2, initial, permutation].map(
  at0,
) as [number[], number[], number[], number[]]
/** The way back from the initial permutation. */
const last = first.map((_, place) => first.indexOf(place))

/** Eight times six of the 32 bits: each four and their neighbours. */
const expansion = Array.from({ length: 48 }, (_, at) => (Math.floor(at / 6) * 4 + (at % 6) + 31) % 32)

/** One bit in each place. */
export type Bits = Uint8Array

const chosen = (bits: Bits, places: readonly number[]): Bits => Uint8Array.from(places, (at) => bits[at] ?? 0)

/**
 * Encrypts a block of 64 bits `rounds` times with one key. `salt` has up to 24 bits; each that is set swaps two bits of the
 * expansion, which is what makes it crypt's DES and nobody's hardware.
 */
export function desEncrypt(block: Bits, key: Bits, { rounds, salt }: { rounds: number; salt: number }): Bits {
  const keys = subkeys(key)
  const places = saltedExpansion(salt)
  const start = chosen(block, first)
  let [left, right]: [Bits, Bits] = [start.slice(0, 32), start.slice(32)]
  for (let round = 0; round < rounds; round++) {
    for (const subkey of keys) [left, right] = [right, mixed(left, right, subkey, places)]
    ;[left, right] = [right, left]
  }
  return chosen(Uint8Array.of(...left, ...right), last)
}

function subkeys(key: Bits): Bits[] {
  let halves = chosen(key, choice1)
  return shifts.map((shift) => {
    halves = chosen(
      halves,
      Array.from(halves, (_, at) => Math.floor(at / 28) * 28 + ((at + shift) % 28)),
    )
    return chosen(halves, choice2)
  })
}

function saltedExpansion(salt: number): readonly number[] {
  const swapped = (at: number) => ((salt >> (at % 24)) & 1 ? (at + 24) % 48 : at)
  return expansion.map((_, at) => expansion[swapped(at)] ?? 0)
}

function mixed(left: Bits, right: Bits, subkey: Bits, places: readonly number[]): Bits {
  const substituted = new Uint8Array(32)
  for (let box = 0; box < 8; box++) {
    let six = 0
    for (let bit = 0; bit < 6; bit++) {
      const at = box * 6 + bit
      six = six * 2 + ((right[places[at] ?? 0] ?? 0) ^ (subkey[at] ?? 0))
    }
    // The outer two bits choose the row.
    const four = boxes[box]?.[(six & 32) + (six & 1) * 16 + ((six >> 1) & 15)] ?? 0
    for (let bit = 0; bit < 4; bit++) substituted[box * 4 + bit] = (four >> (3 - bit)) & 1
  }
  return left.map((bit, at) => bit ^ (substituted[spread[at] ?? 0] ?? 0))
}
