import { BlockList, isIP } from 'node:net'

/** A set of addresses and networks, as settings name them: `192.0.2.0/24`, `2001:db8::/32`, `127.0.0.1`. */
export interface Networks {
  has(ip: string): boolean
}

/** Entries that are no address and no network are given back as `wrong`. */
export function parseNetworks(entries: readonly string[]): { networks: Networks; wrong: readonly string[] } {
  const list = new BlockList()
  const wrong = entries.filter((entry) => !addEntry(list, entry.trim()))
  return { networks: { has: (ip) => contains(list, ip) }, wrong }
}

/** Programs beside us. */
export const thisMachine: Networks = parseNetworks(['127.0.0.0/8', '::1']).networks

/** This machine, and what is beside it in the same house: containers, too. */
export const privateNetworks: Networks = parseNetworks([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1',
  'fc00::/7',
  'fe80::/10',
]).networks

function addEntry(list: BlockList, entry: string): boolean {
  const [, address = '', bits] = /^\[?([0-9a-f.:]+)\]?(?:\/(\d{1,3}))?$/i.exec(entry) ?? []
  const version = isIP(address)
  const prefix = Number(bits ?? (version === 4 ? 32 : 128))
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return false
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6')
  return true
}

function contains(list: BlockList, ip: string): boolean {
  const version = isIP(ip)
  return version !== 0 && list.check(ip, version === 4 ? 'ipv4' : 'ipv6')
}
