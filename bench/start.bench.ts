import { fillInbox } from './load/mailbox.ts'
import { readOptions } from './measure/options.ts'
import { comparePair } from './measure/pairs.ts'
import { createReport } from './measure/report.ts'
import { bigMailboxOwner } from './server/accounts.ts'
import { onStage } from './server/stage.ts'

/** From spawn until every port accepts connections. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const report = createReport('start', options.json)
  await onStage({ ...options, tls: true }, async (pair) => {
    report.heading(`start: A ${pair.a.name}, B ${pair.b.name}`)
    for (const server of [pair.a, pair.b]) {
      report.figure(`${server.name}, first start, empty folder`, 'ms', server.startedInMs())
      await fillInbox(server, bigMailboxOwner, options.messages)
    }
    const row = {
      name: `start with ${options.messages} messages (1500)`,
      unit: 'ms',
      better: 'lower',
      trial: async (server) => {
        await server.restart()
        return { value: server.startedInMs(), operations: 1 }
      },
    } as const satisfies Parameters<typeof comparePair>[0]
    report.row(await comparePair(row, pair, options))
  })
}
