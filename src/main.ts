// Mail is nobody else's to read.
process.umask(0o077)

const [first, ...rest] = process.argv.slice(2)
// `npm run homepost` puts --home in front of everything.
const [verb, ...after] = first === '--home' ? rest : process.argv.slice(2)
const wantsHelp = after.some((arg) => arg === '--help' || arg === '-h')

// The server never loads what only the command line needs: that would cost memory for as long as it runs.
if (verb === 'serve' && !wantsHelp) {
  const { serve } = await import('./app/serve.ts')
  process.exit(await serve(first === '--home' ? [...after, '--home'] : after))
} else {
  const { runCommand } = await import('./app/cli/program.ts')
  process.exitCode = await runCommand(process.argv.slice(2))
}
