SELECT
    coalesce(articles.case_category, '15') AS case_category,
    dialogues._day AS day,
    count(*) AS dialogues,
    count(*) FILTER (WHERE dialogues.dialogue_outcome = '1') AS answered,
    count(*) FILTER (WHERE dialogues.dialogue_outcome = '2') AS handed_over,
    count(*) FILTER (WHERE dialogues.dialogue_outcome = '1' AND articles.valid_to <= dialogues._day) AS stale_answers
FROM government.assistant_dialogues AS dialogues
LEFT JOIN government.knowledge_articles AS articles ON articles.article_no = dialogues.article_no
GROUP BY coalesce(articles.case_category, '15'), dialogues._day
