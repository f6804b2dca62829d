import { listOf, oneOf, yesNo } from './kinds.ts'
import { clamdAddress, milterAddress } from './network-kinds.ts'
import { row } from './row.ts'

/** Settings of what looks for harm. Part of `table.ts`. */
export const scannerRows = {
  ANTIVIRUS: row(
    oneOf({ none: 'none' as const, clamav: 'clamav' as const, supervised: 'supervised' as const }),
    'none',
    'Who looks for viruses in all mail that comes and goes: clamav asks the clamd at ANTIVIRUS_ADDRESS; supervised starts and updates one of our own, where clamd and freshclam are installed',
  ),
  ANTIVIRUS_ADDRESS: row(clamdAddress, 'antivirus', 'Where clamd listens'),
  ANTIVIRUS_ACTION: row(
    oneOf({ reject: 'refuse' as const, discard: 'refuse' as const, mark: 'mark' as const }),
    'reject',
    'What becomes of a virus: reject refuses the message (Mailu’s discard does the same), mark lets it pass with X-Virus in its header',
  ),
  ANTIVIRUS_FAILED: row(
    oneOf({ later: 'later' as const, mark: 'mark' as const }),
    'later',
    'While nobody can look: later asks senders to come back, mark lets mail pass with X-Virus-Status in its header',
  ),
  SCAN_MACROS: row(
    yesNo,
    'true',
    'Refuse office documents with macros that start by themselves, run programs, write files, or hide what they do',
  ),
  MILTERS: row(
    listOf(milterAddress),
    '',
    'Other filters that are asked before our own, such as inet:rspamd:11332: programs that speak the milter protocol',
  ),
  MILTER_DEFAULT_ACTION: row(
    oneOf({ tempfail: 'later' as const, accept: 'accept' as const, reject: 'refuse' as const }),
    'tempfail',
    'What becomes of a message while one of them is away: tempfail asks senders to come back, accept goes on without it, reject refuses',
  ),
}
