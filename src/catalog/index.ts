import { oddActions } from './actions/index.ts'
import { addActivity } from './contract/actions/add-activity.ts'
import { addDeal, addDealV2 } from './contract/actions/add-deal.ts'
import { getDeal } from './contract/actions/get-deal.ts'
import { getStage } from './contract/actions/get-stage.ts'
import { updateDealStage, updateDealStageV2 } from './contract/actions/update-deal-stage.ts'
import { updateDealStatus } from './contract/actions/update-deal-status.ts'
import type { Operation } from './define.ts'
import { objectActions } from './objects/index.ts'
import {
  listActivityTypes,
  listCurrencies,
  listDeals,
  listOrganizations,
  listPersons,
  listPipelines,
  listStages,
  listUsers,
} from './contract/lookups/lists.ts'
import { trigActivityDone, trigActivityUpdated } from './contract/triggers/changed-activity.ts'
import { trigDealDeleted, trigDealLost, trigDealMoved, trigDealUpdated, trigDealWon } from './contract/triggers/changed-deal.ts'
import { trigNewActivity } from './contract/triggers/new-activity.ts'
import { trigNewDeal, trigNewDealV2 } from './contract/triggers/new-deal.ts'

/** The only registry of operations. An operation that is added here needs its texts in `locales/`; without them it does not compile. */
const contractOperations = [
  getStage,
  getDeal,
  addDealV2,
  addDeal,
  updateDealStageV2,
  updateDealStage,
  updateDealStatus,
  addActivity,
  trigNewDealV2,
  trigNewDeal,
  trigNewActivity,
  trigDealUpdated,
  trigDealMoved,
  trigDealWon,
  trigDealLost,
  trigDealDeleted,
  trigActivityUpdated,
  trigActivityDone,
  listDeals,
  listPipelines,
  listStages,
  listPersons,
  listOrganizations,
  listUsers,
  listActivityTypes,
  listCurrencies,
]

/** A CatalogOperation is one of these operations with its exact type. */
export type CatalogOperation = (typeof contractOperations)[number] | (typeof oddActions)[number]

/** Everything that the connector offers. Every adapter loops over it. */
export const catalog: readonly Operation[] = [...contractOperations, ...objectActions, ...oddActions]
