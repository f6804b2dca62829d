import { createProxy } from '../../src/modules/proxy/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLog, standardOutput } from '../../src/platform/log.ts'
import { createMeter } from '../../src/platform/meter.ts'
import { noCertificates } from '../support/own-certificates.ts'
import { LineProtocol } from './front-line-protocol.ts'

// Run by front-descriptors.test.ts under a small `ulimit -n`: one plain listener, whatever the system allows.
const log = createLog({ level: 'info', pretty: false, out: standardOutput() })
const proxy = createProxy({
  handlers: { smtp: new LineProtocol() },
  webs: {},
  certificates: noCertificates({ clock: systemClock, log }),
  clock: systemClock,
  log,
  meter: createMeter({ processMetrics: false }),
  settings: {
    hostname: 'mail.test',
    listeners: [{ name: 'smtp', host: '127.0.0.1', port: 0, tls: 'none', proxyProtocol: false }],
    permissiveSmtp: true,
    trustedProxies: [],
    realIpHeader: undefined,
    limits: {},
  },
})
await proxy.service.start()
log.info('test.ready', { port: proxy.listening()[0]?.port })
