// Maps by MapLibre GL, in the colours of the page: the town's own areas, cases and stations; a base layer if one is set.
//
// A <div data-map> says what is on it (see the template tag map_frame): data-areas, data-counts, data-points,
// data-stations are addresses; data-longitude and data-latitude put a pin; data-pick names the inputs the pin writes to.
"use strict";

(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const SHADES = ["--map-q1", "--map-q2", "--map-q3", "--map-q4", "--map-q5"];
  const CHIPS = ["open", "work", "done", "ok", "stop", "warn", "late"];
  const none = { type: "FeatureCollection", features: [] };

  const answer = async (address) => {
    const got = await fetch(address, { headers: { Accept: "application/geo+json, application/json" } });
    if (!got.ok) throw new Error(`${address}: ${got.status}`);
    return got.json();
  };

  // -- base layers -------------------------------------------------------------------------------------------------------
  function plain() {
    return { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": token("--map-land") } }] };
  }

  function tianditu(key, attribution) {
    const hosts = [0, 1, 2, 3, 4, 5, 6, 7];
    const tiles = (layer) => hosts.map((n) => `https://t${n}.tianditu.gov.cn/${layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${encodeURIComponent(key)}`);
    const style = plain();
    for (const layer of ["vec", "cva"]) {
      style.sources[layer] = { type: "raster", tiles: tiles(layer), tileSize: 256, maxzoom: 18, attribution: layer === "vec" ? attribution || "天地图" : undefined };
      style.layers.push({ id: layer, type: "raster", source: layer });
    }
    return style;
  }

  async function tilesFile(address, attribution) {
    const protocol = new pmtiles.Protocol();
    maplibregl.addProtocol("pmtiles", protocol.tile);
    const file = new pmtiles.PMTiles(new URL(address, location.href).href);
    protocol.add(file);
    const head = await file.getHeader();
    const style = plain();
    const url = `pmtiles://${file.source.getKey()}`;
    if (head.tileType !== 1) {
      style.sources.base = { type: "raster", url, tileSize: 256, attribution };
      style.layers.push({ id: "base", type: "raster", source: "base" });
      return style;
    }
    style.sources.base = { type: "vector", url, attribution }; // layer names of the Protomaps basemap
    const fill = (id, layer, colour, filter) => ({ id, type: "fill", source: "base", "source-layer": layer, ...(filter ? { filter } : {}), paint: { "fill-color": token(colour) } });
    style.layers.push(
      fill("b-earth", "earth", "--map-land"),
      fill("b-green", "landuse", "--map-green", ["in", ["get", "kind"], ["literal", ["park", "forest", "wood", "grass", "farmland", "nature_reserve", "wetland"]]]),
      fill("b-water", "water", "--map-water"),
      fill("b-block", "buildings", "--map-block"),
      { id: "b-lane", type: "line", source: "base", "source-layer": "roads", filter: ["!=", ["get", "kind"], "major_road"], paint: { "line-color": token("--map-road"), "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 12, 0.5, 18, 9] } },
      { id: "b-road", type: "line", source: "base", "source-layer": "roads", filter: ["==", ["get", "kind"], "major_road"], layout: { "line-cap": "round" }, paint: { "line-color": token("--map-road"), "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 10, 1.2, 18, 18] } },
    );
    const named = document.documentElement.lang === "en" ? ["coalesce", ["get", "name:en"], ["get", "name"]] : ["get", "name"];
    const words = (id, layer, more, layout, colour) => ({ id, type: "symbol", source: "base", "source-layer": layer, ...more, layout: { "text-field": named, "text-font": ["sans-serif"], "text-size": 11, ...layout }, paint: { "text-color": token(colour), "text-halo-color": token("--map-land"), "text-halo-width": 1.2 } });
    // drawn last, over the town's areas: a name under a wash of colour is no name
    style.metadata = { over: [
      words("b-road-name", "roads", { minzoom: 13, filter: ["has", "name"] }, { "symbol-placement": "line", "text-letter-spacing": 0.08 }, "--map-label"),
      words("b-water-name", "water", { minzoom: 12, filter: ["has", "name"] }, { "symbol-placement": "line", "text-letter-spacing": 0.2 }, "--st-work-solid"),
      words("b-spot-name", "places", { minzoom: 14.5, filter: ["in", ["get", "kind"], ["literal", ["spot", "locality_poi"]]] }, { "text-size": 10.5, "text-max-width": 7 }, "--ink-3"),
    ] };
    return style;
  }

  async function base(box) {
    try {
      if (box.dataset.style) return await answer(box.dataset.style);
      if (box.dataset.pmtiles && window.pmtiles) return await tilesFile(box.dataset.pmtiles, box.dataset.attribution);
    } catch (error) {
      console.warn("base map:", error); // the town's own areas are drawn without it
    }
    return box.dataset.tianditu ? tianditu(box.dataset.tianditu, box.dataset.attribution) : plain();
  }

  // -- what is drawn -----------------------------------------------------------------------------------------------------
  function bounds(collection) {
    const box = new maplibregl.LngLatBounds();
    const walk = (part) => (typeof part[0] === "number" ? box.extend(part) : part.forEach(walk));
    for (const feature of collection.features) if (feature.geometry) walk(feature.geometry.coordinates);
    return box;
  }

  function icon(size, paint) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size * 2;
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    paint(pen, size / 2);
    return pen.getImageData(0, 0, size * 2, size * 2);
  }

  function images(map) {
    const edge = token("--surface");
    const put = (name, size, paint) => (map.hasImage(name) ? map.updateImage(name, icon(size, paint)) : map.addImage(name, icon(size, paint), { pixelRatio: 2 }));
    const finish = (pen, colour) => {
      pen.fillStyle = colour;
      pen.strokeStyle = edge;
      pen.lineWidth = 2;
      pen.lineJoin = "round";
      pen.stroke();
      pen.fill();
    };
    for (const chip of CHIPS) {
      const colour = token(`--st-${chip}-solid`);
      put(`case-${chip}`, 20, (pen, c) => {
        pen.beginPath();
        if (chip === "late") { pen.moveTo(c, 2); pen.lineTo(2 * c - 2, 2 * c - 3); pen.lineTo(2, 2 * c - 3); pen.closePath(); }
        else if (chip === "stop") pen.rect(4, 4, 2 * c - 8, 2 * c - 8);
        else if (chip === "warn") { pen.moveTo(c, 2); pen.lineTo(2 * c - 2, c); pen.lineTo(c, 2 * c - 2); pen.lineTo(2, c); pen.closePath(); }
        else pen.arc(c, c, c - 4, 0, 7);
        finish(pen, colour);
      });
    }
    put("station", 20, (pen, c) => {
      pen.beginPath();
      pen.moveTo(c, 17); pen.lineTo(4, 5); pen.lineTo(16, 5); pen.closePath();
      finish(pen, token("--st-done-solid"));
    });
  }

  const wordsFont = ["literal", ["sans-serif"]];

  function layers(map, box, areas, points, stations) {
    const counted = Boolean(box.dataset.counts);
    const light = token("--surface");
    const put = (id, source, options = {}) => (map.getSource(id) ? map.getSource(id).setData(source) : map.addSource(id, { type: "geojson", data: source, ...options }));
    put("areas", areas);
    put("labels", labels(areas));
    put("points", points, { cluster: points.features.length > 60, clusterRadius: 36, clusterMaxZoom: 14 });
    put("stations", stations);
    images(map);
    const shades = SHADES.map(token);
    const add = (layer) => map.addLayer(layer);
    const whereOver = map.getStyle().metadata?.over || [];
    const grids = ["==", ["get", "level"], "grid"];
    add({ id: "areas-fill", type: "fill", source: "areas", filter: grids, paint: {
      "fill-color": counted ? ["match", ["get", "shade"], 1, shades[0], 2, shades[1], 3, shades[2], 4, shades[3], 5, shades[4], shades[0]] : token("--map-block"),
      "fill-opacity": box.dataset.style || box.dataset.tianditu || box.dataset.pmtiles ? 0.45 : counted ? 0.9 : 0.55 } });
    add({ id: "areas-edge", type: "line", source: "areas", filter: grids, paint: { "line-color": token("--map-edge"), "line-width": 1 } });
    add({ id: "areas-outer", type: "line", source: "areas", filter: ["!=", ["get", "level"], "grid"], paint: { "line-color": token("--ink-3"), "line-width": 1.5, "line-dasharray": [3, 2] } });
    add({ id: "areas-late", type: "line", source: "areas", filter: [">", ["coalesce", ["get", "overdue"], 0], 0], paint: { "line-color": token("--st-late-solid"), "line-width": 2.5 } });
    for (const layer of whereOver) add(layer);
    const names = { type: "symbol", source: "labels", layout: { "text-field": ["get", "label"], "text-size": 12, "text-font": wordsFont[1], "text-max-width": 9 } };
    const from = counted ? 11 : 13; // a grid's name says its community too; from afar the community alone says more
    add({ ...names, id: "community-names", minzoom: 10, maxzoom: from, filter: ["!=", ["get", "level"], "grid"], layout: { ...names.layout, "text-size": 13, "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": token("--ink-2"), "text-halo-color": light, "text-halo-width": 1.4 } });
    add({ ...names, id: "area-names", minzoom: from, filter: ["==", ["get", "level"], "grid"], paint: { "text-color": token("--map-label"), "text-halo-color": light, "text-halo-width": 1.2 } });
    add({ id: "clusters", type: "circle", source: "points", filter: ["has", "point_count"], paint: { "circle-color": light, "circle-stroke-color": token("--brand"), "circle-stroke-width": 2.5, "circle-radius": ["step", ["get", "point_count"], 13, 10, 16, 50, 20] } });
    add({ id: "cluster-count", type: "symbol", source: "points", filter: ["has", "point_count"], layout: { "text-field": ["to-string", ["get", "point_count_abbreviated"]], "text-size": 12, "text-font": wordsFont[1], "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": token("--ink") } });
    add({ id: "points", type: "symbol", source: "points", filter: ["!", ["has", "point_count"]], layout: { "icon-image": ["concat", "case-", ["get", "chip"]], "icon-allow-overlap": true } });
    add({ id: "stations", type: "symbol", source: "stations", layout: { "icon-image": "station", "icon-allow-overlap": true } });
  }

  function labels(areas) {
    const features = [];
    const names = new Map(areas.features.map((feature) => [feature.properties.id ?? feature.id, feature.properties.name]));
    const between = document.documentElement.lang === "en" ? ", " : "";
    for (const feature of areas.features) {
      const { level, name, parent, count, label_point: point } = feature.properties;
      const at = point || (feature.geometry && bounds({ features: [feature] }).getCenter().toArray());
      if (!at || level === "town") continue;
      // eight grids of a town are all called the first: the community belongs to the name
      const whole = level === "grid" && names.get(parent) ? `${names.get(parent)}${between}${name}` : name;
      features.push({ type: "Feature", properties: { ...feature.properties, label: count === undefined ? whole : `${whole}\n${count}` }, geometry: { type: "Point", coordinates: at } });
    }
    return { type: "FeatureCollection", features };
  }

  function card(feature) {
    const { title, number, state, url, reading } = feature.properties;
    const card = document.createElement("div");
    card.className = "map-card";
    const head = document.createElement(url ? "a" : "b");
    if (url) head.href = url;
    head.textContent = title || number || "";
    card.append(head);
    for (const line of [state, number, reading]) {
      if (!line || line === head.textContent) continue;
      const p = document.createElement("p");
      p.textContent = line;
      card.append(p);
    }
    return card;
  }

  function tools(box, map, pick) {
    const bar = document.createElement("div");
    bar.className = "map-tools";
    const button = (name, label, action) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "toolbtn";
      made.setAttribute("aria-label", label);
      const sprite = box.dataset.sprite;
      made.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${sprite}#i-${name}"/></svg>`;
      made.addEventListener("click", action);
      bar.append(made);
    };
    button("plus", box.dataset.wordZoomin, () => map.zoomIn());
    button("minus", box.dataset.wordZoomout, () => map.zoomOut());
    if (navigator.geolocation && pick) {
      button("locate-fixed", box.dataset.wordLocate, () =>
        navigator.geolocation.getCurrentPosition(
          ({ coords }) => { pick([coords.longitude, coords.latitude]); map.easeTo({ center: [coords.longitude, coords.latitude], zoom: 16 }); },
          () => {},
          { enableHighAccuracy: true, timeout: 8000 },
        ));
    }
    box.append(bar);
  }

  function pin() {
    const element = document.createElement("div");
    element.className = "map-pin";
    element.innerHTML = '<svg viewBox="-18 -48 36 50" width="36" height="50" aria-hidden="true"><path class="pin" d="M0 0C-6 -12 -16 -18 -16 -30A16 16 0 0 1 16 -30C16 -18 6 -12 0 0Z"/><circle class="pin-dot" cy="-30" r="5.5"/></svg>';
    return element;
  }

  // -- one map -----------------------------------------------------------------------------------------------------------
  async function draw(box) {
    box.dataset.drawing = "";
    const [style, areas, counts, points, stations] = await Promise.all([
      base(box),
      box.dataset.areas ? answer(box.dataset.areas).catch(() => none) : none,
      box.dataset.counts ? answer(box.dataset.counts).catch(() => null) : null,
      box.dataset.points ? answer(box.dataset.points).catch(() => none) : none,
      box.dataset.stations ? answer(box.dataset.stations).catch(() => none) : none,
    ]);
    for (const feature of areas.features) {
      const id = feature.properties.id ?? feature.id;
      const count = counts?.areas?.[id];
      if (counts && feature.properties.level === "grid") {
        feature.properties.count = count?.open ?? 0;
        feature.properties.overdue = count?.overdue ?? 0;
        feature.properties.shade = count?.shade ?? 1;
      }
    }
    maplibregl.setWorkerUrl(box.dataset.worker);
    const holder = document.createElement("div");
    holder.className = "map-canvas";
    box.append(holder);
    const at = box.dataset.longitude && box.dataset.latitude ? [Number(box.dataset.longitude), Number(box.dataset.latitude)] : null;
    const whole = bounds(areas);
    const start = at ? { center: at, zoom: Number(box.dataset.zoom || 15.5) } : whole.isEmpty() ? { center: [120.15, 30.25], zoom: 9 } : { bounds: whole, fitBoundsOptions: { padding: 24 } };
    const map = new maplibregl.Map({ container: holder, style, ...start, attributionControl: box.dataset.tianditu || box.dataset.pmtiles || box.dataset.style ? { compact: true } : false, dragRotate: false, pitchWithRotate: false, cooperativeGestures: false, fadeDuration: 0,
      localIdeographFontFamily: getComputedStyle(document.body).fontFamily });
    map.touchZoomRotate.disableRotation();
    const canvas = map.getCanvas();
    canvas.setAttribute("aria-label", box.getAttribute("aria-label") || "");
    canvas.setAttribute("role", "application"); // its frame is the landmark; two of one name would confuse those who go by landmarks
    box.map = map;
    map.on("load", () => {
      layers(map, box, areas, points, stations);
      box.dataset.drawn = "";
      delete box.dataset.drawing;
      box.dispatchEvent(new CustomEvent("map:drawn", { bubbles: true }));
    });

    let pick = null;
    let marker = null;
    if (box.dataset.pick !== undefined) {
      const scope = box.closest("form") || document;
      const input = (name) => scope.querySelector(`[name="${box.dataset.pick}${name}"]`);
      pick = ([longitude, latitude]) => {
        if (!marker) marker = new maplibregl.Marker({ element: pin(), anchor: "bottom", draggable: true }).setLngLat([longitude, latitude]).addTo(map);
        else marker.setLngLat([longitude, latitude]);
        marker.off("dragend", moved).on("dragend", moved);
        for (const [name, value] of [["longitude", longitude], ["latitude", latitude]]) {
          const field = input(name);
          if (!field) continue;
          field.value = value.toFixed(6);
          field.dispatchEvent(new Event("change", { bubbles: true }));
        }
        box.dispatchEvent(new CustomEvent("map:picked", { bubbles: true, detail: { longitude, latitude } }));
      };
      const moved = () => pick(marker.getLngLat().toArray());
      const given = [Number(input("longitude")?.value), Number(input("latitude")?.value)];
      if (at) pick(at);
      else if (input("longitude")?.value) { pick(given); map.jumpTo({ center: given, zoom: 16 }); }
      map.on("click", (event) => pick(event.lngLat.toArray()));
      map.getCanvas().addEventListener("keydown", (event) => {
        if (event.key === "Enter") { event.preventDefault(); pick(map.getCenter().toArray()); }
      });
      box.pick = pick;
    } else {
      if (at) marker = new maplibregl.Marker({ element: pin(), anchor: "bottom" }).setLngLat(at).addTo(map);
      for (const layer of ["points", "stations"]) {
        map.on("click", layer, (event) => new maplibregl.Popup({ closeButton: true, maxWidth: "280px" }).setLngLat(event.features[0].geometry.coordinates).setDOMContent(card(event.features[0])).addTo(map));
        map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
        map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
      }
      map.on("click", "clusters", async (event) => {
        const zoom = await map.getSource("points").getClusterExpansionZoom(event.features[0].properties.cluster_id);
        map.easeTo({ center: event.features[0].geometry.coordinates, zoom });
      });
    }
    tools(box, map, pick);

    // "refresh" (from live.js) fetches what changes while people look
    box.addEventListener("refresh", async () => {
      if (box.dataset.points && map.getSource("points")) map.getSource("points").setData(await answer(box.dataset.points));
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      if (document.documentElement.dataset.theme || box.dataset.style) return;
      base(box).then((fresh) => map.setStyle(fresh));
      map.once("style.load", () => layers(map, box, areas, points, stations));
    });
  }

  function drawAll(part) {
    if (!window.maplibregl) return;
    for (const box of part.querySelectorAll("[data-map]:not([data-drawn]):not([data-drawing])")) {
      draw(box).catch((error) => {
        console.warn("map:", error);
        delete box.dataset.drawing;
        const words = box.querySelector(".map-words");
        if (words && box.dataset.wordFailed) words.textContent = `${words.textContent} ${box.dataset.wordFailed}`;
      });
    }
  }
  drawAll(document);
  document.addEventListener("htmx:afterSwap", (event) => drawAll(event.target.parentNode || document));
})();
