import type { Header, Rr } from './message.ts'
import { labelOctets, labelsOf, type Name } from './name.ts'
import { rrType } from './types.ts'

export interface OutgoingMessage extends Header {
  readonly question: { readonly rawName: Uint8Array; readonly type: number } | undefined
  readonly answer?: readonly Rr[]
  readonly authority?: readonly Rr[]
  readonly additional?: readonly Rr[]
  readonly edns?: OutgoingEdns
}

interface OutgoingEdns {
  readonly udpSize: number
  readonly dnssecOk: boolean
  readonly options?: readonly { readonly code: number; readonly data: Uint8Array }[]
}

const internet = 1

/** Owner names are compressed, names inside of data never are. */
export function writeMessage(message: OutgoingMessage): Buffer {
  const sections = [message.answer ?? [], message.authority ?? [], message.additional ?? []]
  const writer = new Writer()
  writer.u16(message.id)
  writer.u16(flagsOf(message))
  writer.u16(message.question ? 1 : 0)
  for (const [index, section] of sections.entries())
    writer.u16(section.length + (index === 2 && message.edns ? 1 : 0))
  if (message.question) {
    writer.raw(message.question.rawName)
    writer.u16(message.question.type)
    writer.u16(internet)
  }
  for (const record of sections.flat()) writeRecord(writer, record)
  if (message.edns) writeEdns(writer, message.edns, message.rcode)
  return writer.done()
}

function flagsOf(message: OutgoingMessage): number {
  const bits = [
    [message.isResponse, 0x8000],
    [message.authoritative, 0x0400],
    [message.truncated, 0x0200],
    [message.recursionDesired, 0x0100],
    [message.recursionAvailable, 0x0080],
    [message.authenticated, 0x0020],
    [message.checkingDisabled, 0x0010],
  ] as const
  return bits.reduce(
    (sum, [on, bit]) => (on ? sum | bit : sum),
    (message.opcode << 11) | (message.rcode & 15),
  )
}

function writeRecord(writer: Writer, { name, type, class: klass, ttl, data }: Rr): void {
  writer.name(name)
  writer.u16(type)
  writer.u16(klass)
  writer.u32(ttl)
  writer.u16(data.length)
  writer.raw(data)
}

/** RFC 6891 §6.1.2. */
function writeEdns(writer: Writer, { udpSize, dnssecOk, options = [] }: OutgoingEdns, code: number): void {
  writer.raw(Uint8Array.of(0))
  writer.u16(rrType.OPT)
  writer.u16(udpSize)
  writer.u32(((code >> 4) << 24) | (dnssecOk ? 0x8000 : 0))
  writer.u16(options.reduce((sum, { data }) => sum + 4 + data.length, 0))
  for (const { code: option, data } of options) {
    writer.u16(option)
    writer.u16(data.length)
    writer.raw(data)
  }
}

class Writer {
  #bytes = Buffer.allocUnsafe(512)
  #at = 0
  readonly #places = new Map<Name, number>()

  u16(value: number): void {
    this.#reserve(2)
    this.#at = this.#bytes.writeUInt16BE(value, this.#at)
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#at = this.#bytes.writeUInt32BE(value >>> 0, this.#at)
  }

  raw(octets: Uint8Array): void {
    this.#reserve(octets.length)
    this.#bytes.set(octets, this.#at)
    this.#at += octets.length
  }

  /** RFC 1035 §4.1.4. */
  name(name: Name): void {
    const labels = labelsOf(name)
    for (const [index, label] of labels.entries()) {
      const rest = labels.slice(index).join('.')
      const place = this.#places.get(rest)
      if (place !== undefined) {
        this.u16(0xc000 | place)
        return
      }
      if (this.#at < 0x4000) this.#places.set(rest, this.#at)
      const octets = labelOctets(label)
      this.raw(Uint8Array.of(octets.length))
      this.raw(octets)
    }
    this.raw(Uint8Array.of(0))
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more))
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}
