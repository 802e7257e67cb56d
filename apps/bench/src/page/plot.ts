import type { Row } from "../results/row.ts";
import { figure } from "./markdown.ts";

interface Bar {
  readonly label: string;
  readonly to: "peer" | "raw";
  readonly ratio: number;
  readonly text: string;
}

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 170;
const ROW = 20;
const TOP = 46;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .quiet { fill: #59636e }
  .one { stroke: #59636e; stroke-dasharray: 3 3 }
  .peer { fill: #0969da }
  .raw { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .one { stroke: #9198a1 }
    .peer { fill: #4493f8 }
    .raw { fill: #ab7df8 }
  }`;

/** Bars from 1 to OmniQ's ratio to the best peer and to bare code, on a logarithmic scale: to the right is faster. */
export function plot(rows: readonly Row[]): string {
  const bars = rows
    .filter(({ system, workload }) => system === "omniq" && /^W[123]$/.test(workload))
    .flatMap(barsOf);
  const most = Math.max(2, ...bars.map(({ ratio }) => ratio));
  const least = Math.min(0.5, ...bars.map(({ ratio }) => ratio));
  const room = WIDTH - LEFT - RIGHT;
  const x = (ratio: number): number =>
    Math.round(LEFT + (room * Math.log(ratio / least)) / Math.log(most / least));
  const height = TOP + bars.length * ROW + 10;
  const lines = bars.map(({ label, to, ratio, text }, index) => {
    const y = TOP + index * ROW;
    const [from, width] = [Math.min(x(1), x(ratio)), Math.max(Math.abs(x(ratio) - x(1)), 1)];
    return [
      `<text x="${LEFT - 10}" y="${y + 13}" text-anchor="end">${label}</text>`,
      `<rect class="${to}" x="${from}" y="${y + 3}" width="${width}" height="${ROW - 6}" rx="2"/>`,
      `<text class="quiet" x="${Math.max(x(ratio), x(1)) + 6}" y="${y + 13}">${text}</text>`,
    ].join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>OmniQ's rate as a multiple of others'</title>
<style>${STYLE}
</style>
<text x="${LEFT}" y="18">OmniQ's rate as a multiple: to the right of the line it is faster</text>
<text class="quiet" x="${LEFT}" y="34">logarithmic; the upper bar: of the best peer; the lower: of bare code on the driver</text>
<line class="one" x1="${x(1)}" y1="${TOP - 4}" x2="${x(1)}" y2="${height - 6}"/>
${lines.join("\n")}
</svg>
`;
}

function barsOf(row: Row): readonly Bar[] {
  const { workload, mode, concurrency, ratioToBestPeer, ratioToRaw, bestPeer } = row;
  const label = workload === "W3" ? `W3 c${concurrency}, ${mode}` : `${workload}, ${mode}`;
  const bars: Bar[] = [];
  if (ratioToBestPeer !== null)
    bars.push({
      label,
      to: "peer",
      ratio: ratioToBestPeer,
      text: `${figure(ratioToBestPeer)} × ${bestPeer}`,
    });
  if (ratioToRaw !== null)
    bars.push({
      label: bars.length === 0 ? label : "",
      to: "raw",
      ratio: ratioToRaw,
      text: `${figure(ratioToRaw)} × raw`,
    });
  return bars;
}
