import { createHash } from 'node:crypto'
import { domainOf } from '../../../lib/address.ts'
import { asBuffer } from '../../../lib/mime/octets.ts'
import { networkOf } from '../../../lib/network-of.ts'
import { thisMachine } from '../../../lib/networks.ts'
import type { WriterFile } from '../../../platform/sqlite/writer.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { GreylistQuestion, KnownPeer } from './greylist-program.ts'

/** Rspamd's: a provider's servers are one network, mostly. */
const networks = { v4Bits: 19, v6Bits: 64 }
const bodyOctets = 10 * 1024
const keyOctets = 16
/** Peers that need not be written down again soon. */
const mostRemembered = 5_000

/** Who looks doubtful and is unknown comes again in some minutes, as servers do and most senders of spam do not. */
export class Greylist {
  readonly #file: Pick<WriterFile, 'call'>
  /** When it was last written down, by peer. */
  readonly #noted = new Map<string, number>()

  constructor(file: Pick<WriterFile, 'call'>) {
    this.#file = file
  }

  /** The message itself from its first octet, its body as far as it was read. */
  mayPass(arrival: Arrival, octets: Uint8Array, now: number): Promise<boolean> {
    return this.#file.call('mayPass', questionOf(arrival, octets, now) satisfies GreylistQuestion)
  }

  /** Nothing speaks against what it sends. */
  async knows(arrival: Arrival, now: number): Promise<void> {
    if (!isAsked(arrival)) return
    const peer = peerOf(arrival)
    const noted = this.#noted.get(peer)
    if (noted !== undefined && noted > now - notedMs) return
    if (this.#noted.size >= mostRemembered) this.#noted.clear()
    this.#noted.set(peer, now)
    await this.#file.call('knowPeer', { peer: keyOf(peer), now } satisfies KnownPeer)
  }
}

const notedMs = 24 * 3_600_000

/** Another server of ours that hands over has taken the message already, and programs beside us do not come again. */
export function isAsked({ repliesEach, client }: Arrival): boolean {
  return !repliesEach && !thisMachine.has(client.ip)
}

function questionOf(arrival: Arrival, octets: Uint8Array, now: number): GreylistQuestion {
  const { sender, recipients, client, message } = arrival
  const { headerBytes } = message.index
  const body = asBuffer(octets.subarray(headerBytes, headerBytes + bodyOctets)).toString('latin1')
  const people = recipients.map(({ address }) => address).toSorted()
  // Large providers come again from anywhere: then it is the body by which it is known.
  const keys = [
    ['envelope', sender ?? '', networkOf(client.ip, networks), ...people],
    ['body', sender ?? networkOf(client.ip, networks), ...people, body],
  ]
  return { peer: keyOf(peerOf(arrival)), keys: keys.map((parts) => keyOf(parts.join('\0'))), now }
}

function peerOf({ sender, client }: Arrival): string {
  return `peer\0${sender === undefined ? client.helo : domainOf(sender)}\0${networkOf(client.ip, networks)}`
}

const keyOf = (text: string): Uint8Array => createHash('sha256').update(text).digest().subarray(0, keyOctets)
