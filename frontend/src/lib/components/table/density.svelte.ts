export const densities = ['compact', 'comfortable'] as const
export type Density = (typeof densities)[number]

const key = 'hoox.density'

/** How high the rows of every table are, kept by the browser. */
class DensityChoice {
  choice = $state<Density>(kept())

  /** Height of a row in px. */
  get row(): number {
    return this.choice === 'compact' ? 28 : 36
  }

  choose(choice: Density): void {
    this.choice = choice
    try {
      localStorage.setItem(key, choice)
    } catch {
      // The choice holds until the page closes.
    }
  }
}

function kept(): Density {
  try {
    return localStorage.getItem(key) === 'comfortable' ? 'comfortable' : 'compact'
  } catch {
    return 'compact'
  }
}

export const density = new DensityChoice()
