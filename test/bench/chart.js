const WIDTH = 860;
const LABEL_WIDTH = 300;
const BAR_HEIGHT = 16;
const GAP = 6;
const TITLE_HEIGHT = 34;

/** A bar chart (SVG) of what one event takes on each runtime, in microseconds. */
export function chart(measured, size) {
  const bars = [];
  let y = 8;
  for (const [runtime, { version, bySize }] of Object.entries(measured)) {
    const lines = Object.entries(bySize[size]);
    const longest = Math.max(...lines.map(([, { microseconds }]) => microseconds));
    bars.push(`<text x="8" y="${y + 20}" font-weight="bold">${runtime} ${version}: one event of ${size}</text>`);
    y += TITLE_HEIGHT;
    for (const [name, { microseconds }] of lines) {
      const width = Math.max(1, ((WIDTH - LABEL_WIDTH - 90) * microseconds) / longest).toFixed(1);
      const color = name.startsWith("copernica-webhooks") ? "#2f6f4f" : "#a9b4bd";
      bars.push(
        `<text x="${LABEL_WIDTH - 8}" y="${y + 12}" text-anchor="end">${name.replaceAll("&", "&amp;")}</text>`,
        `<rect x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}" fill="${color}"/>`,
        `<text x="${LABEL_WIDTH + Number(width) + 6}" y="${y + 12}">${microseconds.toFixed(1)} µs</text>`,
      );
      y += BAR_HEIGHT + GAP;
    }
    y += GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" font-family="sans-serif" font-size="12" fill="#222">
<title>What one event takes, in microseconds</title>
<rect width="100%" height="100%" fill="#fff"/>
${bars.join("\n")}
</svg>
`;
}
