import { parseNetworks } from '../../lib/networks.ts'

/** A scanner or a proxy in the same house: it has no name in the world, and nobody there knows it. */
export const isNearby = (ip: string): boolean => networks.has(ip)

const { networks } = parseNetworks([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
])

/** Names that mean something here alone, or nothing at all. RFC 6761. */
const local = /(?:^|\.)(?:test|example|invalid|localhost|local|internal|lan|home\.arpa|arpa|onion)$/

/** A name that lists may know: of somebody in the world. */
export const isInWorld = (host: string): boolean =>
  host.includes('.') && host.length <= 200 && /^[a-z0-9._-]+$/.test(host) && !local.test(host)
