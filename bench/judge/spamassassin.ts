import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Contestant } from './contestant.ts'
import type { CorpusMessage } from './corpus.ts'

const run = promisify(execFile)
const installer = join(import.meta.dirname, '../../scripts/install-debian.sh')

/**
 * SpamAssassin of Debian with the rules it brings, no network. Its rules do not depend on what was taught, so each message goes through
 * them once; the Bayes part is taught and asked for every split. A line of JSON in, a line out.
 */
const program = String.raw`
use strict; use warnings; use JSON::PP; use Mail::SpamAssassin; use File::Path;
$| = 1;
my $scratch = $ARGV[0];
my $common = "use_bayes 1\nbayes_path $scratch/bayes/db\nbayes_auto_learn 0\nbayes_auto_expire 0\nbayes_learn_to_journal 0\nskip_rbl_checks 1\ndns_available no\n";
sub make {
  my ($rules, $more) = @_;
  my $sa = Mail::SpamAssassin->new({ rules_filename => $rules, site_rules_filename => "$scratch/site", userprefs_filename => "$scratch/prefs",
    local_tests_only => 1, dont_copy_prefs => 1, home_dir_for_helpers => $scratch, post_config_text => $common . $more, stop_at_threshold => 0 });
  $sa->init(1); $sa->init_learner({ caller_will_untie => 1 }); return $sa;
}
my ($full, $bayes);
sub mail { my ($sa, $file) = @_; open my $in, '<', $file or die $file; my @lines = <$in>; close $in; return $sa->parse(\@lines); }
sub score {
  my ($sa, $file, $only) = @_;
  my $mail = mail($sa, $file); my $status = $sa->check($mail); my $sum = 0;
  for my $rule (split /,/, $status->get_names_of_tests_hit() . ',' . $status->get_names_of_subtests_hit()) {
    next if $rule eq '' || ($rule =~ /^BAYES_/ xor $only);
    $sum += $sa->{conf}->{scoreset}->[2]->{$rule} // 0 if index($rule, '__') != 0;
  }
  $status->finish; $mail->finish; return 0 + $sum;
}
while (my $line = <STDIN>) {
  my $asked = decode_json($line); my $answer;
  if ($asked->{what} eq 'forget') { if ($bayes) { $bayes->finish_learner; } rmtree("$scratch/bayes"); mkpath("$scratch/bayes"); $bayes = make("$scratch/only-bayes", ''); $answer = 1; }
  elsif ($asked->{what} eq 'rules') { $full //= make('/usr/share/spamassassin', "use_bayes_rules 0\n"); $answer = score($full, $asked->{file}, 0); }
  elsif ($asked->{what} eq 'learn') { my $mail = mail($bayes, $asked->{file}); my $s = $bayes->learn($mail, undef, $asked->{spam} ? 1 : 0, 0); $s->finish; $mail->finish; $answer = 1; }
  elsif ($asked->{what} eq 'learned') { $bayes->finish_learner; $bayes->init_learner({ caller_will_untie => 1 }); $answer = 1; }
  else { $answer = score($bayes, $asked->{file}, 1); }
  print encode_json([$answer]), "\n";
}
`

export async function startSpamAssassin(scratch: string): Promise<Contestant> {
  await run(installer, ['spamassassin'], { timeout: 600_000 })
  const folder = mkdtempSync(join(scratch, 'spamassassin-'))
  for (const sub of ['bayes', 'only-bayes', 'site', 'mail']) mkdirSync(join(folder, sub))
  writeFileSync(join(folder, 'prefs'), '')
  await run('cp', [
    '/usr/share/spamassassin/23_bayes.cf',
    '/usr/share/spamassassin/50_scores.cf',
    '/usr/share/spamassassin/20_aux_tlds.cf',
    join(folder, 'only-bayes'),
  ])
  writeFileSync(
    join(folder, 'site', 'plugins.pre'),
    [
      'Check',
      'Bayes',
      'HTMLEval',
      'HeaderEval',
      'BodyEval',
      'MIMEEval',
      'RelayEval',
      'URIEval',
      'WLBLEval',
      'FreeMail',
      'HTTPSMismatch',
      'URIDetail',
      'ReplaceTags',
      'MIMEHeader',
      'VBounce',
      'ImageInfo',
    ]
      .map((plugin) => `loadplugin Mail::SpamAssassin::Plugin::${plugin}\n`)
      .join(''),
  )
  const child = spawn('/usr/bin/perl', ['-e', program, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const say = speaker(child)
  const known = new Map<number, number>()
  const fileOf = ({ id, octets }: CorpusMessage): string => {
    const file = join(folder, 'mail', String(id))
    writeFileSync(file, octets)
    return file
  }
  const rules = async (message: CorpusMessage): Promise<number> => {
    const score = known.get(message.id) ?? (await say({ what: 'rules', file: fileOf(message) }))
    known.set(message.id, score)
    return score
  }
  return {
    name: 'SpamAssassin',
    threshold: 5,
    async teach(messages) {
      await say({ what: 'forget' })
      for (const message of messages)
        await say({ what: 'learn', file: fileOf(message), spam: message.as === 'spam' })
      await say({ what: 'learned' })
    },
    async ask(messages) {
      const scores: number[] = []
      for (const message of messages)
        scores.push((await rules(message)) + (await say({ what: 'bayes', file: fileOf(message) })))
      return scores
    },
    async end() {
      child.stdin?.end()
      child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One line to the program, one number back. */
function speaker(child: ChildProcess): (line: object) => Promise<number> {
  if (!child.stdin || !child.stdout) throw new Error('SpamAssassin has no pipes')
  const { stdin } = child
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async (line) => {
    stdin.write(`${JSON.stringify(line)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error('SpamAssassin ended')
    const [number] = JSON.parse(value) as [number]
    return number
  }
}
