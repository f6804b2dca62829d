import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeMessage } from '../../src/modules/resolver/wire/encode.ts'
import { readMessage } from '../../src/modules/resolver/wire/message.ts'
import { isAtOrUnder, nameToWire, parentOf, root } from '../../src/modules/resolver/wire/name.ts'
import { rcode, rrType } from '../../src/modules/resolver/wire/types.ts'

/** Who sends the mail from the world, as the DNS knows it. */
export const world = {
  domain: 'example.org',
  server: 'mail.example.org',
  ip: '198.51.100.7',
  selector: 's1',
} as const

/** The upper zones of all names that are asked for: here nobody signs them. */
export const worldZones = ['org', 'com', 'net', 'de', 'cz', 'arpa', 'test'] as const

export type Internet = { readonly port: number; close(): Promise<void> }

type Data = { readonly type: number; readonly data: Uint8Array }

const ttl = 3600

/** A DNS that knows one sender of mail, and answers at once that nobody else is there. `key` is its DKIM key (p=). */
export async function startInternet(key: string): Promise<Internet> {
  const known = records(key)
  const socket = createSocket('udp4')
  socket.on('message', (asked, from) => socket.send(answerTo(asked, known), from.port, from.address))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

function records(key: string): ReadonlyMap<string, readonly Data[]> {
  const { domain, server, ip, selector } = world
  const reverse = `${ip.split('.').reverse().join('.')}.in-addr.arpa`
  const address = { type: rrType.A, data: Buffer.from(ip.split('.').map(Number)) }
  const exchange = {
    type: rrType.MX,
    data: Buffer.concat([Buffer.from([0, 10]), nameToWire(server)]),
  }
  return new Map([
    [domain, [address, exchange, text(`v=spf1 ip4:${ip} -all`)]],
    [server, [address, text(`v=spf1 ip4:${ip} -all`)]],
    [reverse, [{ type: rrType.PTR, data: nameToWire(server) }]],
    [`_dmarc.${domain}`, [text('v=DMARC1; p=reject')]],
    [`${selector}._domainkey.${domain}`, [text(`v=DKIM1; k=rsa; p=${key}`)]],
  ])
}

function text(value: string): Data {
  const strings = value.match(/.{1,255}/gs) ?? []
  const data = strings.map((each) => Buffer.concat([Buffer.from([each.length]), Buffer.from(each)]))
  return { type: rrType.TXT, data: Buffer.concat(data) }
}

const negative = Buffer.concat([nameToWire('ns.invalid'), nameToWire('root.invalid'), Buffer.alloc(20, 1)])

function answerTo(asked: Buffer, known: ReadonlyMap<string, readonly Data[]>): Buffer {
  const { question, edns, ...header } = readMessage(asked)
  const name = question?.name.toLowerCase() ?? root
  const isThere = [...known.keys()].some((one) => isAtOrUnder(one, name))
  const record = (owner: string, { type, data }: Data) => ({ name: owner, type, class: 1, ttl, data })
  const answer = (known.get(name) ?? [])
    .filter(({ type }) => type === question?.type)
    .map((one) => record(name, one))
  return writeMessage({
    ...header,
    isResponse: true,
    recursionAvailable: true,
    rcode: isThere ? rcode.noError : rcode.nxDomain,
    question,
    answer,
    authority: answer.length > 0 ? [] : [record(parentOf(name), { type: rrType.SOA, data: negative })],
    additional: [],
    ...(edns && { edns: { udpSize: 1232, dnssecOk: false } }),
  })
}
