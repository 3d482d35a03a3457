import type { AlertLog, Api } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import { Act } from './act.svelte'

const megabytes = 8

/** A log of alerts that TradingView exported, held against what came in. The file goes to the program and nowhere else. */
export class AlertLogCheck {
  /** The file that was chosen last. */
  name = $state('')
  readonly act: Act<File, AlertLog>

  constructor(api: Api) {
    this.act = new Act(async (file) => {
      this.name = file.name
      if (file.size > megabytes << 20)
        throw new ApiFault({
          kind: 'invalid',
          message: `${file.name} is larger than ${megabytes} MB: export a shorter time`,
          ref: '',
          field: '',
        })
      return api.alerts.compareLog({ csv: await file.text() })
    })
  }
}
