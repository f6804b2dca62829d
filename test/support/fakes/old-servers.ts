import type { OldServers } from '../../../src/ports/old-servers.ts'

/** For whoever leads nobody elsewhere. */
export const noOldServers: OldServers = {
  takes: async () => ({ kind: 'no' }),
  enter: async () => ({ kind: 'barred', text: 'There is no old server' }),
}
