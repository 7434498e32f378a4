import { expect, test } from 'vitest'
import { dealFields } from '../catalog/contract/mappings/deal.ts'
import { activityFields } from '../catalog/contract/mappings/activity.ts'
import type { V2Activity } from '../pipedrive/api-types.ts'
import { clientBefore, data, refusal } from '../pipedrive/upstream.fixture.ts'
import { fillAll } from './fill.ts'

const activity = { id: 1, owner_id: 1, deal_id: null, person_id: 5, org_id: 6 } as unknown as V2Activity

test('a linked record whose read takes all the time of the call is reported, and the others are filled', async () => {
  const { open, clock } = clientBefore(({ path }) => {
    if (!path.endsWith('/persons/5')) return data({ id: Number(path.split('/').at(-1)), name: path })
    // Each attempt ends at the limit of a read.
    clock.advance(10_000)
    return 'lost'
  })
  const failures: string[] = []
  const [row] = await fillAll(open().referenceData, activityFields, [activity], (kind, error) => {
    failures.push(`${kind} ${(error as { code: string }).code}`)
  })
  expect(failures).toEqual(['person Unavailable'])
  expect(row).toMatchObject({ person_id: 5, person_name: null, org_name: '/api/v2/organizations/6', owner_name: '/api/v1/users/1' })
})

test('what onFailure throws ends the call', async () => {
  const { open } = clientBefore(() => refusal(500))
  const filling = fillAll(open().referenceData, dealFields, [{ owner_id: 1 } as never], (_, error) => {
    throw error
  })
  await expect(filling).rejects.toMatchObject({ code: 'Unavailable' })
})
