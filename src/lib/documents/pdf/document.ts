import { type Decryption, decryptionOf } from './decryption.ts'
import { unfiltered } from './filters.ts'
import {
  isArray,
  isDict,
  isRef,
  nameOf,
  type PdfDict,
  PdfReader,
  type PdfRef,
  type PdfValue,
} from './objects.ts'

/** Where an object stands: in the file, or as a value of an object stream. */
type Place = { readonly from: number; readonly end: number } | { readonly value: PdfValue }

const mostObjects = 300_000
const mostReferences = 20
/** Letters of objects that are kept as values, and that are read at all. */
const mostKeptLetters = 8 * 1024 * 1024
const mostLetters = 128 * 1024 * 1024
const mostCodes = 1_000_000
/** Unpacked of all streams together. */
const mostOctets = 96 * 1024 * 1024

const objectStart = /(?<![0-9])(\d{1,10})[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj(?![a-z])/g

/**
 * A PDF by its objects wherever they stand: the table at its end is not needed, so that a damaged file and one that was changed many
 * times are read alike. Of several objects with one number the last counts.
 */
export class PdfDocument {
  readonly #file: Buffer
  readonly #text: string
  readonly #places = new Map<number, Place>()
  readonly #trailers: PdfDict[] = []
  #decryption: Decryption | undefined
  #octetsLeft = mostOctets
  readonly #read = new Map<number, PdfValue>()
  #keptLetters = 0
  #lettersLeft = mostLetters
  /** What the fonts may still say of codes, all together. */
  codesLeft = mostCodes

  private constructor(file: Buffer) {
    this.#file = file
    this.#text = file.toString('latin1')
  }

  static async read(file: Buffer): Promise<PdfDocument> {
    const document = new PdfDocument(file)
    document.#findObjects()
    document.#findTrailers()
    document.#decryption = decryptionOf(document)
    await document.#openObjectStreams()
    return document
  }

  /** False where it is locked by a password. */
  get isOpen(): boolean {
    return this.#decryption?.kind !== 'locked'
  }

  /** Then its strings are no texts. */
  get isEncrypted(): boolean {
    return this.#decryption !== undefined
  }

  /** From the trailers, the last first. */
  trailer(key: string): PdfValue {
    for (const trailer of this.#trailers.toReversed()) {
      const value = this.resolve(trailer.get(key))
      if (value !== undefined) return value
    }
    return undefined
  }

  numbers(): IterableIterator<number> {
    return this.#places.keys()
  }

  resolve(value: PdfValue): PdfValue {
    let found = value
    for (let count = 0; isRef(found) && count < mostReferences; count++) found = this.object(found.number)
    return isRef(found) ? undefined : found
  }

  dict(value: PdfValue): PdfDict {
    const found = this.resolve(value)
    return isDict(found) ? found : empty
  }

  list(value: PdfValue): readonly PdfValue[] {
    const found = this.resolve(value)
    return isArray(found) ? found : []
  }

  object(number: number): PdfValue {
    const place = this.#places.get(number)
    if (!place) return undefined
    if ('value' in place) return place.value
    if (this.#read.has(number)) return this.#read.get(number)
    return this.#readObject(number, place.from, place.end)
  }

  /** Kept, because some are asked for with every letter; not all of them, because a file may be full of them. */
  #readObject(number: number, from: number, end: number): PdfValue {
    if (this.#lettersLeft <= 0) return undefined
    const reader = new PdfReader(this.#text.slice(from, end))
    const value = reader.value()
    this.#lettersLeft -= reader.at + 1
    this.#keptLetters += reader.at
    if (this.#keptLetters > mostKeptLetters) {
      this.#read.clear()
      this.#keptLetters = reader.at
    }
    this.#read.set(number, value)
    return value
  }

  /** What a stream holds without its filters; undefined where it is none, or a picture. */
  async stream(ref: PdfValue): Promise<Buffer | undefined> {
    if (!isRef(ref) || this.#octetsLeft <= 0) return undefined
    const place = this.#places.get(ref.number)
    if (!place || 'value' in place) return undefined
    const reader = new PdfReader(this.#text.slice(place.from, place.end))
    const dict = reader.value()
    if (!isDict(dict)) return undefined
    const raw = this.#streamOctets(dict, place.from + reader.at)
    if (!raw) return undefined
    const plain = this.#decryption?.kind === 'key' ? this.#decryption.stream(raw, ref.number, dict) : raw
    const octets = await unfiltered(plain, dict, (value) => this.resolve(value))
    this.#octetsLeft -= octets?.length ?? 0
    return octets
  }

  #findObjects(): void {
    const starts: { number: number; from: number; at: number }[] = []
    for (const match of this.#text.matchAll(objectStart)) {
      starts.push({ number: Number(match[1]), from: match.index + match[0].length, at: match.index })
      if (starts.length === mostObjects) break
    }
    for (const [index, { number, from }] of starts.entries()) {
      this.#places.set(number, { from, end: starts[index + 1]?.at ?? this.#text.length })
    }
  }

  #findTrailers(): void {
    for (const { index } of this.#text.matchAll(/\btrailer\b/g)) {
      const dict = new PdfReader(this.#text.slice(index + 7, index + 7 + longestTrailer)).value()
      if (isDict(dict)) this.#trailers.push(dict)
      if (this.#trailers.length === mostTrailers) break
    }
    // A cross-reference stream is a trailer, too.
    for (const number of this.#typed('XRef')) this.#trailers.push(this.dict({ kind: 'ref', number }))
  }

  *#typed(type: string): Generator<number> {
    for (const [number, place] of this.#places) {
      if ('value' in place) continue
      // A look before it is read: most objects are none.
      const start = this.#text.slice(place.from, Math.min(place.end, place.from + 2048))
      if (start.includes(type) && nameOf(this.dict({ kind: 'ref', number }).get('Type')) === type)
        yield number
    }
  }

  async #openObjectStreams(): Promise<void> {
    if (!this.isOpen) return
    for (const number of [...this.#typed('ObjStm')]) {
      const ref: PdfRef = { kind: 'ref', number }
      const octets = await this.stream(ref)
      if (octets) this.#addObjects(octets.toString('latin1'), this.dict(ref))
    }
  }

  /** ISO 32000-1 §7.5.7 */
  #addObjects(text: string, dict: PdfDict): void {
    const first = this.resolve(dict.get('First'))
    const count = this.resolve(dict.get('N'))
    if (typeof first !== 'number' || typeof count !== 'number') return
    const index = new PdfReader(text, 0, 'no refs')
    for (let left = Math.min(count, mostObjects); left > 0 && this.#places.size < mostObjects; left--) {
      const [number, offset] = [index.value(), index.value()]
      if (typeof number !== 'number' || typeof offset !== 'number' || index.at > text.length) return
      const known = this.#places.get(number)
      if (!known || 'value' in known)
        this.#places.set(number, { value: new PdfReader(text, first + offset).value() })
    }
  }

  #streamOctets(dict: PdfDict, at: number): Buffer | undefined {
    const mark = /[\0\t\n\f\r ]*stream(?:\r\n|\n|\r)?/y
    mark.lastIndex = at
    const start = mark.exec(this.#text)
    if (!start) return undefined
    const from = at + start[0].length
    const length = this.resolve(dict.get('Length'))
    const told = typeof length === 'number' && length >= 0 ? from + length : -1
    const isRight = told > 0 && /^[\0\t\n\f\r ]*endstream/.test(this.#text.slice(told, told + 20))
    if (isRight) return this.#file.subarray(from, told)
    const end = this.#text.indexOf('endstream', from)
    return this.#file.subarray(from, end < 0 ? this.#file.length : end)
  }
}

const empty: PdfDict = new Map()
const mostTrailers = 1000
const longestTrailer = 64 * 1024
