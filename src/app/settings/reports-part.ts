import { type Address, parseAddress } from '../../lib/address.ts'
import { postmasterOf } from './parts.ts'
import type { Settings } from './table.ts'

/** Where reports on our mail come to: what `homepost domain dns` publishes. */
export const reportsPart = (settings: Settings) => ({
  dataDir: settings.DATA_DIR,
  counts: settings.DMARC_SEND_REPORTS,
  addresses: [postmasterOf(settings), ...aggregateAddress(settings)],
})

export const dmarcSendingPart = (settings: Settings) => ({
  organization: settings.SITENAME ?? settings.DOMAIN,
  postmaster: postmasterOf(settings),
})

function aggregateAddress({ DMARC_RUA, DOMAIN }: Settings): readonly Address[] {
  const address = DMARC_RUA === undefined ? undefined : parseAddress(`${DMARC_RUA}@${DOMAIN}`)
  return address ? [address] : []
}
