import { isIP, isIPv4 } from 'node:net'
import { type DomainName, parseDomain } from '../../lib/address.ts'
import { type AttachedApp, parseAttachedApp } from '../../lib/attached-app.ts'
import type { RelayTarget } from '../../lib/relay-target.ts'
import { parseServiceAddress, type ServiceAddress } from '../../lib/service-address.ts'
import { type Kind, listOf, wholeNumber } from './kinds.ts'

/** RELAYHOST as Postfix writes it: `[host]:port` is the host itself, `host:port` asks for its MX records. */
export const relayHost: Kind<RelayTarget> = {
  expected: 'a relay, such as [smtp.example.org]:587',
  read: (value) => {
    const [, ipv6, inBrackets, bare, digits] =
      /^(?:\[ipv6:([\da-f:.]+)\]|\[([^[\]\s]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(value) ?? []
    const host = hostOf(ipv6 ?? inBrackets ?? bare ?? '')
    const port = digits === undefined ? undefined : Number(digits)
    if (host === undefined || port === 0 || (port ?? 0) > 65_535) return undefined
    return { value: { protocol: 'smtp', host, port, byMx: bare !== undefined && !isIPv4(host) } }
  },
}

function hostOf(text: string): string | undefined {
  return isIP(text) === 0 ? parseDomain(text) : text.toLowerCase()
}

export interface DnsServer {
  readonly ip: string
  readonly port: number
  /** Given: over TLS, and the certificate has this name. */
  readonly tlsName: string | undefined
}

/** As Unbound writes it: `9.9.9.9`, `9.9.9.9@5353`, `9.9.9.9@853#dns.quad9.net`. */
export const dnsServer: Kind<DnsServer> = {
  expected: 'an IP address, such as 9.9.9.9, 127.0.0.1@5353 or, over TLS, 9.9.9.9@853#dns.quad9.net',
  read: (value) => {
    const [, ip = '', digits, name] = /^([\da-f:.]+)(?:@(\d{1,5}))?(?:#(.+))?$/i.exec(value) ?? []
    const tlsName = name === undefined ? undefined : parseDomain(name)
    const port = Number(digits ?? (name === undefined ? 53 : 853))
    if (isIP(ip) === 0 || port < 1 || port > 65_535) return undefined
    return name !== undefined && tlsName === undefined ? undefined : { value: { ip, port, tlsName } }
  },
}

/** `corp.example=10.0.0.53`: who knows the names of a zone. */
export const zoneServer: Kind<{ readonly zone: DomainName; readonly server: DnsServer }> = {
  expected: `a zone, = and a resolver, such as corp.example=10.0.0.53`,
  read: (value) => {
    const at = value.indexOf('=')
    const zone = parseDomain(value.slice(0, at))
    const server = dnsServer.read(value.slice(at + 1))
    return at > 0 && zone && server ? { value: { zone, server: server.value } } : undefined
  },
}

/** `printer.home.arpa=192.168.1.9`, as a line of a hosts file. */
export const hostAddress: Kind<{ readonly name: DomainName; readonly ip: string }> = {
  expected: 'a name, = and an IP address, such as mail.home.arpa=192.168.1.2',
  read: (value) => {
    const at = value.indexOf('=')
    const name = parseDomain(value.slice(0, at))
    const ip = value.slice(at + 1)
    return at > 0 && name && isIP(ip) !== 0 ? { value: { name, ip } } : undefined
  },
}

export interface TrustAnchor {
  readonly zone: string
  readonly keyTag: number
  readonly algorithm: number
  readonly digestType: number
  readonly digest: Buffer
}

/** The fields of a DS record with colons: `.:20326:8:2:E06D44B8…`. */
export const trustAnchor: Kind<TrustAnchor> = {
  expected: 'the fields of a DS record, such as .:20326:8:2:E06D44B8…',
  read: (value) => {
    const [, zone = '', keyTag, algorithm, digestType, digest = ''] =
      /^([^:]+):(\d{1,5}):(\d{1,3}):(\d{1,3}):((?:[\da-f]{2}){20,64})$/i.exec(value) ?? []
    const name = zone === '.' ? zone : parseDomain(zone)
    if (name === undefined || digest === '') return undefined
    return {
      value: {
        zone: name,
        keyTag: Number(keyTag),
        algorithm: Number(algorithm),
        digestType: Number(digestType),
        digest: Buffer.from(digest, 'hex'),
      },
    }
  },
}

/** `http://10.0.0.5:11334` */
export const webAddress: Kind<string> = {
  expected: 'the address of a server, such as http://10.0.0.5:11334',
  read: (value) => {
    if (!/^https?:\/\/[^/?#@\s]+\/?$/i.test(value) || !URL.canParse(value)) return undefined
    return { value: new URL(value).href }
  },
}

/** `https://acme.example/directory` */
export const wholeWebAddress: Kind<string> = {
  expected: 'the address of a page, such as https://acme.example/directory',
  read: (value) =>
    /^https:\/\/[^/@\s]+\/\S*$/i.test(value) && URL.canParse(value)
      ? { value: new URL(value).href }
      : undefined,
}

const tsigAlgorithms = ['hmac-sha1', 'hmac-sha224', 'hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const

interface TsigKey {
  readonly algorithm: (typeof tsigAlgorithms)[number]
  readonly name: string
  readonly secret: Uint8Array
}

/** As nsupdate has it: `hmac-sha256:name:secret`, the secret in base64. */
export const tsigKey: Kind<TsigKey> = {
  expected: 'a key such as hmac-sha256:name:secret, the secret in base64',
  read: (value) => {
    const [, named = '', name = '', secret = ''] =
      /^(hmac-sha\d+):([\w.-]{1,253}):([A-Za-z0-9+/]{4,}={0,2})$/i.exec(value) ?? []
    const algorithm = tsigAlgorithms.find((each) => each === named.toLowerCase())
    if (algorithm === undefined || name.split('.').some((label) => label.length > 63)) return undefined
    return { value: { algorithm, name, secret: Buffer.from(secret, 'base64') } }
  },
}

const unitMs: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 }

/** Milliseconds: `4h`, `30m`, `0`. As Postfix has it, a number alone is hours. */
export const hours: Kind<number> = {
  expected: 'a time, such as 4h or 30m',
  read: (value) => {
    const [, digits, unit = 'h'] = /^(\d{1,6})([smhd]?)$/i.exec(value) ?? []
    if (digits === undefined) return undefined
    return { value: Number(digits) * (unitMs[unit.toLowerCase() || 'h'] ?? 0) }
  },
}

/** `slow.example=turtle` */
export const paceOf: Kind<{ readonly domain: DomainName; readonly pace: 'polite' | 'turtle' }> = {
  expected: 'a domain, = and polite or turtle, such as slow.example=turtle',
  read: (value) => {
    const [, name = '', pace] = /^([^=]+)=(polite|turtle)$/i.exec(value) ?? []
    const domain = parseDomain(name)
    if (domain === undefined || pace === undefined) return undefined
    return { value: { domain, pace: pace.toLowerCase() === 'turtle' ? 'turtle' : 'polite' } }
  },
}

/** clamd's own port, where none is named. */
export const clamdAddress: Kind<ServiceAddress> = {
  expected:
    'a host, a host with its port, or the path of a socket, such as 127.0.0.1:3310 or /run/clamav/clamd.ctl',
  read: (value) => {
    const read = parseServiceAddress(value, 3310)
    return read && { value: read }
  },
}

interface DnsListChange {
  readonly zone: string
  /** Undefined: not at all. */
  readonly askedAt: string | undefined
}

const dnsListChange: Kind<DnsListChange> = {
  expected: '-list.example, or list.example=key.list.example',
  read: (value) => {
    const [, minus, name = '', other] = /^(-)?([^=]+?)(?:=(.+))?$/.exec(value) ?? []
    const zone = parseDomain(name)
    const askedAt = other === undefined ? undefined : parseDomain(other)
    if (zone === undefined || (minus === undefined) === (other === undefined)) return undefined
    return other !== undefined && askedAt === undefined ? undefined : { value: { zone, askedAt } }
  },
}

/** Undefined: no lists at all. */
export const dnsListChanges: Kind<readonly DnsListChange[] | undefined> = {
  expected:
    'none, or lists to leave out (-list.example) or to ask under another name (list.example=key.list.example)',
  read: (value) =>
    value.toLowerCase() === 'none' ? { value: undefined } : listOf(dnsListChange).read(value),
}

const mailPorts = [25, 110, 995, 143, 993, 587, 465, 4190]

/** `mail`, `all-but-http`, `all`, or a list of ports. */
export const proxiedPorts: Kind<readonly number[]> = {
  expected: 'mail, all-but-http, all, or a comma-separated list of ports',
  read: (value) => {
    const words: Readonly<Record<string, readonly number[]>> = {
      mail: mailPorts,
      'all-but-http': [...mailPorts, 443],
      all: [...mailPorts, 443, 80],
    }
    return Object.hasOwn(words, value)
      ? { value: words[value] ?? [] }
      : listOf(wholeNumber(1, 65_535)).read(value)
  },
}

export const milterAddress: Kind<ServiceAddress> = {
  expected: 'inet:host:port or unix:/path, as Postfix writes it',
  read: (value) => {
    const read = parseServiceAddress(value)
    return read && { value: read }
  },
}

export const attachedApp: Kind<AttachedApp> = {
  expected:
    'a path that is not one of ours, = and an address, and after a ; who may use it (user, mail, admin or open), such as /roundcube=http://127.0.0.1:8080/;mail',
  read: (value) => {
    const read = parseAttachedApp(value)
    return read && { value: read }
  },
}
