import { createCertificates } from '../../src/modules/proxy/index.ts'
import type { CertificateSettings } from '../../src/modules/proxy/settings.ts'
import type { Clock, Log } from '../../src/ports/runtime.ts'
import { createFakeDnsResolver } from './fakes/dns-resolver.ts'

type Ground = { readonly clock: Clock; readonly log: Log }

/** As TLS_FLAVOR=notls has it. */
export const noCertificates = (ground: Ground) => make(undefined, ground)

/** What a folder has, self-signed for `names` where there is nothing; nobody is asked for any. */
export const ownCertificates = (
  settings: Partial<CertificateSettings> & Pick<CertificateSettings, 'folder'>,
  ground: Ground,
) => make({ ...plainCertificates, ...settings }, ground)

export const plainCertificates = {
  certificate: 'cert.pem',
  key: 'key.pem',
  names: ['mail.test'],
  traefikFile: undefined,
  leavesOutRoots: false,
  authority: undefined,
}

function make(settings: CertificateSettings | undefined, { clock, log }: Ground) {
  const domains = { list: () => Promise.resolve([]) }
  return createCertificates({ settings, domains, dns: createFakeDnsResolver({}), clock, log })
}
