import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type Extent, gridLines, markedPoints } from '../core/curves';
import type { Curve } from '../core/snapshot';
import { decimal } from '../core/time';

/** Pixels of a plot's height. */
const HEIGHT = 76;

/** The colours of a plot, as the panel's style sheet names them. */
const COLOURS = {
  line: '--mw-plot-line',
  text: '--mw-plot-text',
  grid: '--mw-plot-grid',
  ground: '--mw-plot-ground'
} as const;

/** What a {@link Plot} needs besides its curve. */
export interface IPlotOptions {
  /** The element that it fills; its width is the plot's. */
  readonly host: HTMLElement;
  /** The language of the numbers. */
  readonly locale: string | undefined;
  /** Told the number of the point below the pointer, `null` when there is none. */
  readonly onPoint: (index: number | null) => void;
}

/**
 * One curve, drawn in the colours of JupyterLab's theme and as wide as there is room.
 *
 * It draws nothing while it cannot be seen because a section above it is closed.
 */
export class Plot {
  /**
   * @param options - Its element, its language, and who is told what is pointed at.
   */
  constructor(private readonly options: IPlotOptions) {
    this._sizes.observe(options.host);
    // JupyterLab tells a new theme there when its style sheet is loaded.
    this._themes.observe(document.body, {
      attributeFilter: ['data-jp-theme-name', 'data-jp-theme-light']
    });
  }

  /** Show these points from now on. */
  show(curve: Curve, extent: Extent): void {
    this._curve = curve;
    this._extent = extent;
    this.draw();
  }

  /** Take the plot out of its element. */
  dispose(): void {
    this._sizes.disconnect();
    this._themes.disconnect();
    this._plot?.destroy();
    this._plot = null;
    this._curve = null;
  }

  private draw(): void {
    const { host } = this.options;
    const curve = this._curve;
    const width = host.clientWidth;
    if (curve === null || width === 0) {
      return;
    }
    // What the page has is read only, what the library takes is not.
    const data: uPlot.AlignedData = [[...curve.x], [...curve.y]];
    if (this._plot === null) {
      this._plot = new uPlot(this.appearance(width), data, host);
      return;
    }
    if (this._plot.width !== width) {
      this._plot.setSize({ width, height: HEIGHT });
    }
    this._plot.setData(data);
  }

  private appearance(width: number): uPlot.Options {
    const { locale, onPoint } = this.options;
    const line = () => this.colour('line');
    return {
      width,
      height: HEIGHT,
      padding: [6, 6, 6, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [...this._extent] },
        y: {
          range: (_, low, high) => {
            this._grid = gridLines(low ?? 0, high ?? 1);
            return [this._grid[0]!, this._grid[this._grid.length - 1]!];
          }
        }
      },
      axes: [
        { show: false },
        {
          stroke: () => this.colour('text'),
          font: `10px ${getComputedStyle(this.options.host).fontFamily}`,
          splits: () => [...this._grid],
          gap: 4,
          size: (_, labels) => labelWidth(labels ?? []),
          values: (_, splits) => {
            const digits = decimals((splits[1] ?? 1) - (splits[0] ?? 0));
            return splits.map(value => decimal(value, digits, locale));
          },
          grid: { stroke: () => this.colour('grid'), width: 1 },
          ticks: { show: false }
        }
      ],
      series: [
        {},
        {
          stroke: line,
          width: 1.5,
          points: {
            show: true,
            size: 5,
            stroke: line,
            fill: line,
            filter: (_, __, show) =>
              show ? [...markedPoints(this._curve?.y ?? [])] : null
          }
        }
      ],
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: {
          size: 8,
          width: 2,
          stroke: () => this.colour('ground'),
          fill: line
        }
      },
      hooks: {
        setCursor: [plot => onPoint(plot.cursor.idx ?? null)]
      }
    };
  }

  private colour(name: keyof typeof COLOURS): string {
    const style = getComputedStyle(this.options.host);
    return style.getPropertyValue(COLOURS[name]).trim() || 'currentcolor';
  }

  private _curve: Curve | null = null;
  private _extent: Extent = [0, 1];
  private _grid: readonly number[] = [0, 1];
  private _plot: uPlot | null = null;
  private readonly _sizes = new ResizeObserver(() => this.draw());
  private readonly _themes = new MutationObserver(() =>
    this._plot?.redraw(false, true)
  );
}

/** How many decimal places tell numbers apart that lie a step from each other. */
function decimals(step: number): number {
  return Math.min(Math.max(Math.ceil(-Math.log10(step) - 1e-6), 0), 8);
}

/** Pixels for the longest of these labels and the gap beside it. */
function labelWidth(labels: readonly string[]): number {
  return Math.max(...labels.map(label => label.length), 1) * 6 + 8;
}
