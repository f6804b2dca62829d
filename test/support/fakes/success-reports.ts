import type { SuccessReports } from '../../../src/ports/success-reports.ts'

/** Nobody hears of success. */
export const silentSuccess: SuccessReports = {
  write: async () => ({ kind: 'nowhere', text: 'nobody is told' }),
}
