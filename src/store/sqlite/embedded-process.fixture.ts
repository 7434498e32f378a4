import { parseArgs } from 'node:util'
import { silentLogger } from '../../kit/logger.ts'
import { openStore } from '../open-store.ts'

// A process that a test starts and kills: opens the folder, says so, and writes settings one by one, each said when it is confirmed.
const { values } = parseArgs({ options: { folder: { type: 'string' }, writes: { type: 'string', default: '0' } } })

try {
  const store = await openStore({ place: { kind: 'embedded', folder: values.folder! }, logger: silentLogger })
  process.stdout.write('open\n')
  for (let i = 1; i <= Number(values.writes); i++) {
    if (i % 2 === 0)
      await store.db
        .insertInto('settings')
        .values({ name: `write ${i}`, value: 'v' })
        .execute()
    else
      await store.transaction((trx) =>
        trx
          .insertInto('settings')
          .values({ name: `write ${i}`, value: 'v' })
          .execute(),
      )
    process.stdout.write(`${i}\n`)
  }
  process.stdin.once('end', () => void store.close()).resume()
} catch (error) {
  process.stdout.write(`refused: ${(error as Error).message}\n`)
  process.exitCode = 1
}
