import { throughWire } from './through-wire.ts'

/** For `describe.each`: a port as it is, and with every argument and result copied as a process boundary would. */
export const bothWays = [
  ['bare', <T extends object>(port: T): T => port],
  ['through the wire', throughWire],
] as const
