import { hostnameOf } from './parts.ts'
import type { Settings } from './table.ts'

export const fetchPart = (settings: Settings) => ({
  hostname: hostnameOf(settings),
  hostnames: [settings.DOMAIN, ...settings.HOSTNAMES].map((name) => name.toLowerCase()),
  messageSizeLimit: settings.MESSAGE_SIZE_LIMIT,
  networks: settings.FETCH_NETWORKS,
  everySeconds: settings.FETCHMAIL_DELAY,
})
