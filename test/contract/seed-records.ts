import type { Row, World } from './world.ts'

/** SeedRecords are ids of records in the sandbox's seed that tests use. */
export interface SeedRecords {
  /** An open deal that belongs to the key's user. */
  deal: number
  /** Not the first stage of its pipeline. */
  stage: number
  pipeline: number
  /** The first stage of that pipeline, and one of another pipeline. */
  firstStage: number
  foreignStage: number
  foreignPipeline: number
  person: number
  organization: number
  user: number
  /** A user other than the key's. */
  colleague: number
}

export async function findSeedRecords({ pipedrive }: Pick<World, 'pipedrive'>, key?: string): Promise<SeedRecords> {
  const list = async (path: string) => (await pipedrive('GET', path, undefined, key)) as unknown as Row[]
  const first = async (path: string) => (await list(`${path}?limit=1`))[0]!['id'] as number
  const stages = (await list('/api/v2/stages?limit=500')).sort((a, b) => (a['order_nr'] as number) - (b['order_nr'] as number))
  const [pipeline, foreignPipeline] = [...new Set(stages.map((stage) => stage['pipeline_id'] as number))].sort((a, b) => a - b)
  const [firstStage, stage] = stages.filter((s) => s['pipeline_id'] === pipeline).map((s) => s['id'] as number)
  const foreignStage = stages.find((s) => s['pipeline_id'] === foreignPipeline)!['id'] as number
  const me = await pipedrive('GET', '/api/v1/users/me', undefined, key)
  const user = me['id'] as number
  const users = await list('/api/v1/users')
  const deals = await list(`/api/v2/deals?status=open&owner_id=${user}&limit=500`)
  return {
    deal: deals[0]!['id'] as number,
    stage: stage!,
    pipeline: pipeline!,
    firstStage: firstStage!,
    foreignStage,
    foreignPipeline: foreignPipeline!,
    person: await first('/api/v2/persons'),
    organization: await first('/api/v2/organizations'),
    user,
    colleague: users.find((u) => u['id'] !== user && u['active_flag'] === true)!['id'] as number,
  }
}
