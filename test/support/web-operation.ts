import type { Operation } from '../../src/web/admin/ops/parts.ts'
import type { TestAuth } from './auth.ts'
import { createFakeDnsResolver } from './fakes/dns-resolver.ts'
import type { TestStore } from './store.ts'

/** What the pages of operation work with, on a real store and directory; the rest says that there is nothing. */
export function webOperation(mail: TestStore, { locks, sessions, addresses }: TestAuth): Operation {
  return {
    queue: mail.queue,
    addresses,
    rules: mail.store,
    history: undefined,
    fetching: undefined,
    reports: { dmarc: async () => [], tls: async () => [] },
    records: { check: async () => ({ kind: 'missing' }), list: async () => ({ kind: 'missing' }) },
    dns: createFakeDnsResolver({}),
    locks,
    traces: mail.traces,
    certificates: {
      status: async () => ({ source: 'none', shown: [], troubles: [] }),
      renew: async () => ({ kind: 'not-ours' }),
    },
    sessions,
    system: {
      now: async () => ({
        versions: { homepost: '1.2.3', node: '24.0.0', system: 'Linux' },
        startedAt: mail.clock.now(),
        memory: { used: 1, machine: 2 },
        openFiles: undefined,
        busy: 0,
        disk: { folder: mail.dataDir, free: 1, total: 2 },
        files: [],
        parts: [],
        listening: [],
      }),
    },
  }
}
