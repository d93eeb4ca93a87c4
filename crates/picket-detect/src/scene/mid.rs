//! Maritime identification digits: which three digits name a country or area.
//!
//! `Standard:` ITU Radio Regulations, article 19, section VI; the ITU's Table of Maritime
//! Identification Digits, state of 2025, compared with the list of the `aisdecoder` package.

/// Ranges of allocated digits, both ends included, in order.
const ALLOCATED: [(u32, u32); 114] = [
    (201, 216),
    (218, 220),
    (224, 259),
    (261, 279),
    (301, 301),
    (303, 312),
    (314, 314),
    (316, 316),
    (319, 319),
    (321, 321),
    (323, 323),
    (325, 325),
    (327, 327),
    (329, 332),
    (334, 334),
    (336, 336),
    (338, 339),
    (341, 341),
    (343, 343),
    (345, 345),
    (347, 348),
    (350, 359),
    (361, 362),
    (364, 364),
    (366, 379),
    (401, 401),
    (403, 403),
    (405, 405),
    (408, 408),
    (410, 410),
    (412, 414),
    (416, 417),
    (419, 419),
    (422, 423),
    (425, 425),
    (428, 428),
    (431, 432),
    (434, 434),
    (436, 438),
    (440, 441),
    (443, 443),
    (445, 445),
    (447, 447),
    (450, 451),
    (453, 453),
    (455, 455),
    (457, 457),
    (459, 459),
    (461, 461),
    (463, 463),
    (466, 466),
    (468, 468),
    (470, 473),
    (475, 475),
    (477, 478),
    (501, 501),
    (503, 503),
    (506, 506),
    (508, 508),
    (510, 512),
    (514, 516),
    (518, 518),
    (520, 520),
    (523, 523),
    (525, 525),
    (529, 529),
    (531, 531),
    (533, 533),
    (536, 536),
    (538, 538),
    (540, 540),
    (542, 542),
    (544, 544),
    (546, 546),
    (548, 548),
    (550, 550),
    (553, 553),
    (555, 555),
    (557, 557),
    (559, 559),
    (561, 561),
    (563, 567),
    (570, 570),
    (572, 572),
    (574, 574),
    (576, 578),
    (601, 601),
    (603, 603),
    (605, 605),
    (607, 613),
    (615, 622),
    (624, 627),
    (629, 638),
    (642, 642),
    (644, 645),
    (647, 647),
    (649, 650),
    (654, 657),
    (659, 672),
    (674, 679),
    (701, 701),
    (710, 710),
    (720, 720),
    (725, 725),
    (730, 730),
    (735, 735),
    (740, 740),
    (745, 745),
    (750, 750),
    (755, 755),
    (760, 760),
    (765, 765),
    (770, 770),
    (775, 775),
];

/// Whether the three digits are allocated.
pub(crate) fn is_allocated(digits: u32) -> bool {
    let after = ALLOCATED.partition_point(|(from, _)| *from <= digits);
    after
        .checked_sub(1)
        .and_then(|place| ALLOCATED.get(place))
        .is_some_and(|(_, until)| digits <= *until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_digits_of_the_itu_table() {
        // First and last of the table, a few between, and neighbours that nobody has.
        for digits in [201, 211, 227, 235, 257, 303, 366, 377, 412, 503, 563, 636, 679, 701, 775] {
            assert!(is_allocated(digits), "{digits}");
        }
        for digits in [0, 200, 217, 221, 260, 280, 302, 400, 500, 600, 680, 702, 776, 999] {
            assert!(!is_allocated(digits), "{digits}");
        }
        let ordered = ALLOCATED.windows(2).all(|pair| pair[0].1 < pair[1].0);
        assert!(ordered && ALLOCATED.iter().all(|(from, until)| from <= until));
    }
}
