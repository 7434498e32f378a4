import { catalog } from '../../src/catalog/index.ts'

/** A ContractParameter is one input of an operation, as saved flows know it. */
export interface ContractParameter {
  key: string
  in: 'path' | 'body'
  type: 'string' | 'integer'
  required?: true
  enum?: readonly string[]
}

/** A ContractOperation is one operation as saved flows know it: nothing of it may ever change. */
export interface ContractOperation {
  id: string
  kind: 'action' | 'trigger' | 'lookup'
  method: 'GET' | 'POST' | 'PUT'
  path: string
  returns: string
  parameters: readonly ContractParameter[]
  deprecated?: true
}

const dealId = { key: 'dealId', in: 'path', type: 'integer', required: true } as const
const status = { key: 'status', in: 'body', type: 'string', enum: ['open', 'won', 'lost', 'deleted'] } as const
const pipeline_id = { key: 'pipeline_id', in: 'body', type: 'string' } as const
const stage_id = { key: 'stage_id', in: 'body', type: 'string' } as const
const expected_close_date = { key: 'expected_close_date', in: 'body', type: 'string' } as const
const title = { key: 'title', in: 'body', type: 'string', required: true } as const
const newDeal: readonly ContractParameter[] = [
  stage_id,
  status,
  { key: 'value', in: 'body', type: 'integer' },
  { key: 'currency', in: 'body', type: 'string' },
  { key: 'person_id', in: 'body', type: 'string' },
  { key: 'org_id', in: 'body', type: 'string' },
  expected_close_date,
  { key: 'visible_to', in: 'body', type: 'string', enum: ['Owner and followers', 'Entire company'] },
]
const newActivity: readonly ContractParameter[] = [
  { key: 'type', in: 'body', type: 'string', required: true },
  { key: 'subject', in: 'body', type: 'string', required: true },
  { key: 'due_date', in: 'body', type: 'string' },
  { key: 'due_time', in: 'body', type: 'string' },
  { key: 'duration', in: 'body', type: 'string' },
  { key: 'note', in: 'body', type: 'string' },
  { key: 'user_id', in: 'body', type: 'integer' },
  { key: 'deal_id', in: 'body', type: 'integer' },
  { key: 'person_id', in: 'body', type: 'integer' },
  { key: 'org_id', in: 'body', type: 'integer' },
]

const action = (
  id: string,
  route: `${'GET' | 'POST' | 'PUT'} ${string}`,
  returns: string,
  parameters: readonly ContractParameter[],
  deprecated?: true,
): ContractOperation => {
  const [method, path] = route.split(' ') as ['GET' | 'POST' | 'PUT', string]
  return { id, kind: 'action', method, path, returns, parameters, ...(deprecated && { deprecated }) }
}
const read = (kind: 'trigger' | 'lookup', id: string, path: string, returns: string, deprecated?: true): ContractOperation => ({
  id,
  kind,
  method: 'GET',
  path,
  returns,
  parameters: [],
  ...(deprecated && { deprecated }),
})

/** The contract's operations, written down a second time on purpose: what the catalog says is held against it. */
export const contractOperations: readonly ContractOperation[] = [
  action('GetStage', 'GET /v1/stages/{stageId}', 'StageResponse', [{ key: 'stageId', in: 'path', type: 'integer', required: true }]),
  action('GetDeal', 'GET /v1/deals/{dealId}', 'DealResponse', [dealId]),
  action('AddDealV2', 'POST /connector-v2/v1/deals', 'DealResponseV2', [title, pipeline_id, ...newDeal]),
  action('AddDeal', 'POST /v1/deals', 'DealResponse', [title, ...newDeal], true),
  action('UpdateDealStageV2', 'PUT /connector-v2/update_stage_deal/v1/deals/{dealId}', 'DealResponseV2', [
    dealId,
    { ...pipeline_id, required: true },
    { ...stage_id, required: true },
    expected_close_date,
  ]),
  action(
    'UpdateDealStage',
    'PUT /update_stage_deal/v1/deals/{dealId}',
    'DealResponse',
    [dealId, { ...stage_id, required: true }, expected_close_date],
    true,
  ),
  action('UpdateDealStatus', 'PUT /update_status_deal/v1/deals/{dealId}', 'DealResponse', [
    dealId,
    { ...status, required: true },
    { key: 'lost_reason', in: 'body', type: 'string' },
  ]),
  action('AddActivity', 'POST /v1/activities', 'ActivityResponse', newActivity),
  read('trigger', 'TrigNewDealV2', '/connector-v2/trigger/v1/deals', 'DealResponseV2'),
  read('trigger', 'TrigNewDeal', '/trigger/v1/deals', 'DealResponse', true),
  read('trigger', 'TrigNewActivity', '/trigger/v1/activities', 'ActivityResponse'),
  read('lookup', 'ListDeals', '/v1/deals', 'ListDealsResponse'),
  read('lookup', 'ListPipelines', '/v1/pipelines', 'ListPipelinesResponse'),
  read('lookup', 'ListStages', '/v1/stages', 'ListStagesResponse'),
  read('lookup', 'ListPersons', '/v1/persons', 'ListPersonsResponse'),
  read('lookup', 'ListOrganizations', '/v1/organizations', 'ListOrganizationsResponse'),
  read('lookup', 'ListUsers', '/v1/users', 'ListUsersResponse'),
  read('lookup', 'ListActivityTypes', '/v1/activityTypes', 'ListActivityTypesResponse'),
  read('lookup', 'ListCurrencies', '/v1/currencies', 'ListCurrenciesResponse'),
]

/** An AddedOperation is one that goes beyond the contract: saved flows know it from its release on. */
export type AddedOperation = Pick<ContractOperation, 'id' | 'path' | 'returns'> & { method: ContractOperation['method'] | 'DELETE' }

const changed = (kind: 'deals' | 'activities', happening: string, id: string, returns: string): AddedOperation => ({
  id,
  method: 'GET',
  path: `/trigger/v2/${kind}/${happening}`,
  returns,
})

/** The polled triggers of changes. */
export const changedTriggers: readonly AddedOperation[] = [
  changed('deals', 'updated', 'TrigDealUpdated', 'DealResponseV2'),
  changed('deals', 'moved', 'TrigDealMoved', 'DealResponseV2'),
  changed('deals', 'won', 'TrigDealWon', 'DealResponseV2'),
  changed('deals', 'lost', 'TrigDealLost', 'DealResponseV2'),
  changed('deals', 'deleted', 'TrigDealDeleted', 'DealResponseV2'),
  changed('activities', 'updated', 'TrigActivityUpdated', 'ActivityResponse'),
  changed('activities', 'done', 'TrigActivityDone', 'ActivityResponse'),
]

const instant = (trigger: string, returns: string, id = trigger): AddedOperation => ({
  id: `${id}Instant`,
  method: 'POST',
  path: `/subscriptions/${trigger}`,
  returns,
})

/** The instant triggers, by what they are subscribed to; `returns` is what a callback brings. */
export const instantTriggers: readonly AddedOperation[] = [
  instant('TrigNewDealV2', 'DealResponseV2', 'TrigNewDeal'),
  instant('TrigNewActivity', 'ActivityResponse'),
  instant('TrigDealUpdated', 'DealChange'),
  instant('TrigDealMoved', 'DealChange'),
  instant('TrigDealWon', 'DealChange'),
  instant('TrigDealLost', 'DealChange'),
  instant('TrigDealDeleted', 'DealResponseV2'),
  instant('TrigActivityUpdated', 'ActivityChange'),
  instant('TrigActivityDone', 'ActivityChange'),
]

/** The operations of objects, which their tables define: their ids are kept by the generated definition. */
export const newOperations = catalog.filter(({ path }) => path.startsWith('/v2/'))

export const addedOperations: readonly AddedOperation[] = [
  ...changedTriggers,
  ...instantTriggers,
  { id: 'EndSubscription', method: 'DELETE', path: '/subscriptions/{trigger}/{location}', returns: 'nothing' },
]
