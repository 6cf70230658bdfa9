// Draws a boundary on the map of its form: corners by clicks, moved by dragging; the GeoJSON field holds the result.
"use strict";

(() => {
  const place = document.querySelector("[data-draw]");
  if (!place) return;
  const field = document.querySelector(`[name="${place.dataset.draw}"]`);
  const box = place.querySelector("[data-map]");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let map = null;
  let corners = [];
  let markers = [];
  let drawing = false;

  const shape = () => {
    const line = corners.length > 2 && !drawing ? [...corners, corners[0]] : corners;
    return { type: "FeatureCollection", features: corners.length > 2 && !drawing
      ? [{ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [line] } }]
      : [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line.length > 1 ? line : [] } }] };
  };

  const show = () => map.getSource("drawn").setData(shape());

  const keep = () => {
    if (corners.length > 2) field.value = JSON.stringify({ type: "Polygon", coordinates: [[...corners, corners[0]].map(([x, y]) => [Number(x.toFixed(6)), Number(y.toFixed(6))])] });
  };

  const marked = (at, index) => {
    const dot = document.createElement("span");
    dot.className = "drawpoint";
    const marker = new maplibregl.Marker({ element: dot, draggable: true }).setLngLat(at).addTo(map);
    marker.on("drag", () => { corners[index] = marker.getLngLat().toArray(); show(); });
    marker.on("dragend", () => { if (!drawing) keep(); });
    return marker;
  };

  const begin = () => {
    markers.forEach((marker) => marker.remove());
    [corners, markers, drawing] = [[], [], true];
    map.getCanvas().style.cursor = "crosshair";
    show();
  };

  const end = () => {
    if (corners.length < 3) return;
    drawing = false;
    map.getCanvas().style.cursor = "";
    show();
    keep();
  };

  const read = () => {
    let told = null;
    try { told = JSON.parse(field.value); } catch { return; }
    if (told?.type === "MultiPolygon" && told.coordinates.length === 1) told = { type: "Polygon", coordinates: told.coordinates[0] };
    if (told?.type !== "Polygon" || !Array.isArray(told.coordinates?.[0]) || told.coordinates.length > 1) return;
    corners = told.coordinates[0].slice(0, -1);
    if (corners.length <= 60) markers = corners.map(marked);
    show();
    const box2 = corners.reduce((all, at) => all.extend(at), new maplibregl.LngLatBounds(corners[0], corners[0]));
    map.fitBounds(box2, { padding: 48, animate: false });
  };

  const ready = () => {
    map = box.map;
    map.addSource("drawn", { type: "geojson", data: shape() });
    map.addLayer({ id: "drawn-fill", type: "fill", source: "drawn", paint: { "fill-color": token("--brand"), "fill-opacity": 0.18 }, filter: ["==", "$type", "Polygon"] });
    map.addLayer({ id: "drawn-line", type: "line", source: "drawn", paint: { "line-color": token("--brand"), "line-width": 2.5 } });
    place.querySelectorAll(".drawtools").forEach((tools) => (tools.hidden = false));
    read();
    map.on("click", (event) => {
      if (!drawing) return;
      corners.push(event.lngLat.toArray());
      markers.push(marked(event.lngLat, corners.length - 1));
      show();
    });
    place.querySelector("[data-draw-begin]").addEventListener("click", begin);
    place.querySelector("[data-draw-end]").addEventListener("click", end);
    place.querySelector("[data-draw-back]").addEventListener("click", () => {
      if (!drawing || !corners.length) return;
      corners.pop();
      markers.pop().remove();
      show();
    });
    if (!field.value) begin();
  };

  if (box.dataset.drawn !== undefined) ready();
  else box.addEventListener("map:drawn", ready, { once: true });
})();
